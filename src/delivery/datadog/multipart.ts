import { randomUUID } from 'node:crypto';

/** One part of a form: a file. */
export interface FormFile {
  /** Name of the field and of the file. */
  readonly name: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

export interface EncodedForm {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * multipart/form-data (RFC 7578) in one buffer. Not `fetch` with FormData: that leaks its payload on Node 24.16 to
 * 24.19. Names must not hold quotes or line breaks; ours are fixed words.
 */
export function encodeForm(files: readonly FormFile[], boundary = `hotspan-${randomUUID()}`): EncodedForm {
  const chunks: Uint8Array[] = [];
  const text = new TextEncoder();
  for (const { name, fileName, contentType, content } of files) {
    const head =
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${fileName}"\r\n` +
      `Content-Type: ${contentType}\r\n\r\n`;
    chunks.push(text.encode(head), content, text.encode('\r\n'));
  }
  chunks.push(text.encode(`--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(chunks) };
}
