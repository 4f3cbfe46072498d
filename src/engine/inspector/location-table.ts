import type { MappedLocation, UnmappedLocation, UnmappedScript } from '../../profile/source-maps/positions.ts';
import type { CallFrame } from './protocol.ts';
import { findSourceMapUrl } from './source-map-url.ts';

/** A function, and the line in it where that is known. Lines count from 1; 0 means not known. */
export interface InspectorLocation {
  readonly name: string;
  readonly file: string;
  readonly startLine: number;
  readonly line: number;
}

/** Distinct locations kept; programs that make code all the time would fill the memory. */
const maxLocations = 262_144;

/** To the right of all code: V8 tells lines only, and the last mapping of a line is one of its own statement. */
const endOfLine = 1 << 30;

/** All code that was met, by number. Positions of scripts with a source map are mapped later, from outside. */
export class LocationTable {
  readonly #ids = new Map<string, number>();
  readonly #locations: InspectorLocation[] = [];
  readonly #scripts = new Map<string, { readonly id: number; readonly sourceMapUrl: string }>();
  readonly #toFold: (() => void)[] = [];
  #unmapped = new Map<string, UnmappedLocation[]>();
  /** Stands for what found no room. */
  readonly fullId = this.#add({ name: '(stack table full)', file: '', startLine: 0, line: 0 });
  /** Stands for work that no function is known of. */
  readonly programId = this.#add({ name: '(program)', file: '', startLine: 0, line: 0 });

  /** `line`: where the function stood, 0 when that is not known. */
  idOf(frame: CallFrame, line: number): number {
    const key = `${frame.lineNumber}:${frame.columnNumber}:${line}:${frame.functionName}\n${frame.url}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#locations.length >= maxLocations) return this.fullId;
    const isCode = frame.scriptId !== '0' && frame.lineNumber >= 0;
    const id = this.#add({
      name: frame.functionName === '' ? '<anonymous>' : frame.functionName,
      file: isCode && frame.url === '' ? '<anonymous>' : pathOf(frame.url),
      startLine: isCode ? frame.lineNumber + 1 : 0,
      line: isCode ? line : 0,
    });
    this.#ids.set(key, id);
    if (isCode) this.#await(id, frame, line);
    return id;
  }

  get(id: number): InspectorLocation {
    return this.#locations[id] as InspectorLocation;
  }

  /** `fold` adds locations, and is called before they are mapped at the latest; it may be called again. */
  foldLater(fold: () => void): void {
    this.#toFold.push(fold);
  }

  takeUnmapped(): UnmappedScript[] {
    for (const fold of this.#toFold.splice(0)) fold();
    const unmapped = this.#unmapped;
    this.#unmapped = new Map();
    return [...unmapped].map(([url, locations]) => {
      const script = this.#scripts.get(url);
      return { scriptId: script?.id ?? 0, url, sourceMapUrl: script?.sourceMapUrl ?? '', locations };
    });
  }

  setMapped(locations: readonly MappedLocation[]): void {
    for (const { id, file, line, functionName, functionStartLine } of locations) {
      const location = this.#locations[id];
      if (location === undefined) continue;
      this.#locations[id] = { name: functionName ?? location.name, file, startLine: functionStartLine, line };
    }
  }

  #add(location: InspectorLocation): number {
    return this.#locations.push(location) - 1;
  }

  #await(id: number, frame: CallFrame, line: number): void {
    let script = this.#scripts.get(frame.url);
    if (script === undefined) {
      script = { id: this.#scripts.size + 1, sourceMapUrl: findSourceMapUrl(pathOf(frame.url)) };
      this.#scripts.set(frame.url, script);
    }
    if (script.sourceMapUrl === '') return;
    // A function that stands on one generated line may have many in the original: which of them is not known.
    const isOneLine = line === frame.lineNumber + 1;
    const locations = this.#unmapped.get(frame.url) ?? [];
    this.#unmapped.set(frame.url, locations);
    locations.push({
      id,
      line: isOneLine ? 0 : line,
      column: endOfLine,
      functionName: frame.functionName,
      functionLine: frame.lineNumber + 1,
      functionColumn: frame.columnNumber + 1,
    });
  }
}

/** `file:` URLs as paths, without what follows ? and #; anything else as it is. */
function pathOf(url: string): string {
  if (!url.startsWith('file://')) return url;
  try {
    const path = decodeURIComponent(new URL(url).pathname);
    return /^\/[a-z]:\//i.test(path) ? path.slice(1) : path;
  } catch {
    return url;
  }
}
