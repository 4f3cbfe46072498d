import { dirname, resolve } from 'node:path';
import { scriptPath, type UnmappedScript } from './positions.ts';

/** Where the map of a script is. */
export type SourceMapPlace =
  | { readonly kind: 'inline'; readonly url: string }
  /** Paths to try in order: the plain reading of the URL first. */
  | { readonly kind: 'file'; readonly paths: readonly string[] }
  | { readonly kind: 'nowhere'; readonly reason: string };

/** Reads `sourceMappingURL` as Node and the generators write it. Touches no file. */
export function locateSourceMap({ url, sourceMapUrl }: Pick<UnmappedScript, 'url' | 'sourceMapUrl'>): SourceMapPlace {
  if (/^data:/i.test(sourceMapUrl)) return { kind: 'inline', url: sourceMapUrl };
  if (/^file:/i.test(sourceMapUrl)) return { kind: 'file', paths: [scriptPath(sourceMapUrl)] };
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(sourceMapUrl)?.[1];
  if (scheme !== undefined) return { kind: 'nowhere', reason: `${scheme}: URLs are not fetched` };
  if (sourceMapUrl === '') return { kind: 'nowhere', reason: 'the script names none' };

  const script = scriptPath(url);
  const isAbsolute = sourceMapUrl.startsWith('/');
  if (!script.startsWith('/') && !isAbsolute) return { kind: 'nowhere', reason: 'the script is not a file' };
  const directory = isAbsolute ? '/' : dirname(script);
  // As a URL it may carry a query and percent-encoding; as the plain path many tools write, both are part of the name.
  const withoutQuery = sourceMapUrl.replace(/[?#].*$/s, '');
  const readings = new Set([decode(withoutQuery), withoutQuery, sourceMapUrl]);
  return { kind: 'file', paths: Array.from(readings, (reading) => resolve(directory, reading)) };
}

/** The content of a `data:` URL, base64 or percent-encoded. Throws when it is neither. */
export function decodeDataUrl(url: string): Buffer {
  const comma = url.indexOf(',');
  if (comma < 0) throw new Error('the data: URL has no content');
  const data = url.slice(comma + 1);
  if (!/;\s*base64\s*$/i.test(url.slice(0, comma))) return Buffer.from(decodeURIComponent(data));
  return Buffer.from(data.includes('%') ? decodeURIComponent(data) : data, 'base64');
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
