import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Text as gzip of its UTF-8 bytes. */
export const gzipBytes: (text: string) => Promise<Uint8Array> = promisify<string, Uint8Array>(gzip);
