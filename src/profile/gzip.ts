import { ProfileError } from './profile-error.ts';

/** No profile is this large; it keeps a hostile gzip file from filling the memory. */
const maxInflatedBytes = 1024 ** 3;

/** What Node's streams, zlib's too, wait for. A test that replaces it by one of a fake clock holds them up. */
const nextTick = currentNextTick();

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Throws ProfileError for a broken or truncated file, and in a browser, which has no synchronous gunzip. */
export function gunzip(bytes: Uint8Array): Uint8Array {
  const zlib = nodeZlib();
  if (zlib === undefined) {
    throw new ProfileError(
      'HOTSPAN_ERR_PROFILE_UNREADABLE',
      'gzip profiles need Node.js here; decompress first, for example with DecompressionStream',
    );
  }
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: maxInflatedBytes });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProfileError('HOTSPAN_ERR_PROFILE_CORRUPT', `broken gzip data: ${reason}`, { cause });
  }
}

/** Compresses off the JS thread, in Node and in browsers. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const zlib = nodeZlib();
  if (zlib !== undefined) {
    if (currentNextTick() !== nextTick) return zlib.gzipSync(bytes);
    return new Promise((resolve, reject) => {
      zlib.gzip(bytes, (error, result) => (error === null ? resolve(result) : reject(error)));
    });
  }
  // Browsers only: Node would load half of undici for the name of one.
  const { Blob, CompressionStream, Response } = globalThis;
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Node only: for process exit, where nothing asynchronous runs any more. */
export function gzipSync(bytes: Uint8Array): Uint8Array {
  const zlib = nodeZlib();
  if (zlib === undefined) throw new ProfileError('HOTSPAN_ERR_PROFILE_UNREADABLE', 'gzipSync needs Node.js');
  return zlib.gzipSync(bytes);
}

// Asked for at run time, not imported: an `import 'node:zlib'` would make this folder unusable in a browser.
function nodeZlib(): typeof import('node:zlib') | undefined {
  return typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:zlib');
}

function currentNextTick(): unknown {
  return typeof process === 'undefined' ? undefined : (process as { nextTick: unknown }).nextTick;
}
