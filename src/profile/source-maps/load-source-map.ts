import { readFileSync, statSync, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { getHeapStatistics } from 'node:v8';
import { decodeDataUrl, locateSourceMap } from './locate-source-map.ts';
import { scriptPath, type UnmappedScript } from './positions.ts';

export interface LoadOptions {
  /** Largest map, and largest script text, that is read; of the text less where the heap leaves less room. @default 32 MiB */
  readonly maxBytes?: number | undefined;
}

export interface LoadedSourceMap {
  /** The bytes of it, not looked at. */
  readonly map: Buffer;
  /** What the map's sources are relative to: its own path, or the script's URL for an inline map. */
  readonly mapUrl: string;
  /** Text of the script, for reading function names; absent when it cannot be read. */
  readonly scriptText?: string;
}

/** Either the map or one line that says why there is none. */
export type LoadResult = LoadedSourceMap | { readonly warning: string };

type ScriptUrls = Pick<UnmappedScript, 'url' | 'sourceMapUrl'>;

export const defaultMaxBytes = 32 * 1024 * 1024;

/** Heap that a byte of a script's text may take: two for itself, and more for a text of nothing but line ends. */
const heapPerByte = 32;

/** Finds and reads the map of a script. Never throws. */
export async function loadSourceMap(script: ScriptUrls, options: LoadOptions = {}): Promise<LoadResult> {
  const loading = loadSteps(script, options);
  let step = loading.next();
  while (!step.done) {
    const { path, maxBytes } = step.value;
    step = loading.next(await attempt(async () => {
      assertReadable(await stat(path), maxBytes);
      return readFile(path);
    }));
  }
  return step.value;
}

/** Like loadSourceMap, blocking: for worker threads and process exit. */
export function loadSourceMapSync(script: ScriptUrls, options: LoadOptions = {}): LoadResult {
  const loading = loadSteps(script, options);
  let step = loading.next();
  while (!step.done) {
    const { path, maxBytes } = step.value;
    step = loading.next(attemptSync(() => {
      assertReadable(statSync(path), maxBytes);
      return readFileSync(path);
    }));
  }
  return step.value;
}

/** Bytes that mapping a script will read and parse, as far as they can be told without reading; 0 when not. */
export async function sourceMapBytes(script: ScriptUrls): Promise<number> {
  const place = locateSourceMap(script);
  const paths = place.kind === 'file' ? [...place.paths] : [];
  const sizes = await Promise.all([...paths, scriptPath(script.url)].map(async (path) => {
    try {
      return (await stat(path)).size;
    } catch {
      return 0;
    }
  }));
  return sizes.reduce((sum, size) => sum + size, place.kind === 'inline' ? place.url.length : 0);
}

/** A heap that reaches its limit ends the process, also when it is a worker's: what could fill it is not begun. */
function heapForText(): number {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  return Math.max(0, Math.floor((limit - used) / heapPerByte));
}

interface ReadRequest { readonly path: string; readonly maxBytes: number }
type ReadOutcome = { readonly bytes: Buffer } | { readonly error: NodeJS.ErrnoException };

/** What to read, in order; how it is read is up to the caller, so that both variants share every decision. */
function* loadSteps(script: ScriptUrls, { maxBytes = defaultMaxBytes }: LoadOptions): Generator<ReadRequest, LoadResult, ReadOutcome> {
  const place = locateSourceMap(script);
  if (place.kind === 'nowhere') return { warning: cannotUse(script, place.reason) };
  let map: Buffer | undefined;
  let mapUrl = script.url;
  let reason = 'no such file';
  if (place.kind === 'inline') {
    if (place.url.length > maxBytes) return { warning: cannotUse(script, `it is larger than ${maxBytes} bytes`) };
    const decoded = attemptSync(() => decodeDataUrl(place.url));
    if ('error' in decoded) return { warning: cannotUse(script, `broken data: URL: ${decoded.error.message}`) };
    map = decoded.bytes;
  }
  for (const path of place.kind === 'file' ? place.paths : []) {
    const outcome = yield { path, maxBytes };
    if ('bytes' in outcome) {
      map = outcome.bytes;
      mapUrl = path;
      break;
    }
    if (outcome.error.code !== 'ENOENT') reason = outcome.error.message;
  }
  if (map === undefined) return { warning: cannotUse(script, reason) };
  const path = scriptPath(script.url);
  const own: ReadOutcome | undefined = path.startsWith('/') ? yield { path, maxBytes: Math.min(maxBytes, heapForText()) } : undefined;
  return { map, mapUrl, ...(own !== undefined && 'bytes' in own ? { scriptText: own.bytes.toString() } : {}) };
}

// A pipe or a device would block the reader for ever.
function assertReadable(stats: Stats, maxBytes: number): void {
  if (!stats.isFile()) throw new Error('it is not a regular file');
  if (stats.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
}

async function attempt(read: () => Promise<Buffer>): Promise<ReadOutcome> {
  try {
    return { bytes: await read() };
  } catch (error) {
    return { error: error as NodeJS.ErrnoException };
  }
}

function attemptSync(read: () => Buffer): ReadOutcome {
  try {
    return { bytes: read() };
  } catch (error) {
    return { error: error as NodeJS.ErrnoException };
  }
}

/** One line that says so. */
export function cannotUse({ url, sourceMapUrl }: ScriptUrls, reason: string): string {
  const name = /^data:/i.test(sourceMapUrl) ? 'its inline source map' : `its source map ${shorten(sourceMapUrl)}`;
  return `${shorten(scriptPath(url))} keeps generated positions: cannot use ${name}: ${shorten(reason)}`;
}

function shorten(text: string): string {
  const oneLine = text.replace(/[\u0000-\u001f\u007f]+/g, ' ');
  return oneLine.length > 200 ? `${oneLine.slice(0, 199)}…` : oneLine;
}
