import busboy from 'busboy';

export interface FormPart { name: string; fileName: string; contentType: string; content: Buffer }

/** The files of a multipart/form-data body, by a parser that is not ours. */
export function parseForm(contentType: string, body: Uint8Array): Promise<FormPart[]> {
  return new Promise((resolve, reject) => {
    const parts: Promise<FormPart>[] = [];
    const parser = busboy({ headers: { 'content-type': contentType } });
    parser.on('file', (name, stream, { filename, mimeType }) => {
      parts.push(
        (async () => {
          const chunks: Buffer[] = [];
          for await (const chunk of stream) chunks.push(chunk as Buffer);
          return { name, fileName: filename ?? '', contentType: mimeType, content: Buffer.concat(chunks) };
        })(),
      );
    });
    parser.on('error', reject);
    parser.on('close', () => resolve(Promise.all(parts)));
    parser.end(body);
  });
}
