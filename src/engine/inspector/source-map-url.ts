import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** What is read of a script's end at first; a map within the script itself may be much longer. */
const tailBytes = 16 * 1024;
const maxInlineBytes = 32 * 1024 * 1024;

/**
 * What the `sourceMappingURL` comment at the end of a file says; empty when it has none or cannot be read. V8 knows,
 * but tells only those who debug.
 */
export function findSourceMapUrl(path: string): string {
  if (!isAbsolute(path)) return '';
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const tail = readEnd(file, size, tailBytes);
      const isWithinMap = size > tailBytes && size <= maxInlineBytes && /^[A-Za-z0-9+/=\s]+$/.test(tail);
      return urlIn(isWithinMap ? readEnd(file, size, size) : tail);
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

function readEnd(file: number, size: number, wanted: number): string {
  const bytes = Buffer.alloc(Math.min(size, wanted));
  const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
  return bytes.toString('utf8', 0, read);
}

/** The last one counts. Source: ECMA-426, linking generated code to source maps. */
function urlIn(text: string): string {
  const start = Math.max(text.lastIndexOf('//# sourceMappingURL='), text.lastIndexOf('//@ sourceMappingURL='));
  if (start < 0) return '';
  const [, url = '', rest = ''] = /^.{21}([^\s'"]*)([\s\S]*)$/.exec(text.slice(start)) ?? [];
  // Followed by code it is a text that speaks of the comment.
  return rest.split('\n').every((line) => /^\s*(?:\/\/.*)?$/.test(line)) ? url : '';
}
