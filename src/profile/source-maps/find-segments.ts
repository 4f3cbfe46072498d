import type { GeneratedPosition, MapSection } from './map-sections.ts';
import type { Steps } from './steps.ts';

/** What a map says of a generated position: where it comes from. Lines and columns from 0. */
export interface Segment {
  readonly section: MapSection;
  /** Where the segment begins, in the line that was asked for. */
  readonly generatedColumn: number;
  /** Index in the section's sources; -1 when it comes from none. */
  readonly source: number;
  readonly line: number;
  readonly column: number;
  /** Index in the section's names; -1 for none. */
  readonly name: number;
}

interface Wanted extends GeneratedPosition { found: Segment | undefined }

const comma = 0x2c;
const semicolon = 0x3b;
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** The digit's value; 64 for what is none. */
const valueOf = new Uint8Array(256).fill(64);
for (let i = 0; i < digits.length; i++) valueOf[digits.charCodeAt(i)] = i;
/** Between two pauses: some tens of microseconds. */
const stepLength = 1024;

/**
 * Collects generated positions, then finds the segment of each in one pass over the mappings, without keeping any
 * other: a map decoded whole takes forty times its own size.
 */
export class SegmentFinder {
  readonly #byLine = new Map<number, Map<number, Wanted>>();
  #lastLine = -1;

  want({ line, column }: GeneratedPosition): undefined {
    if (line < 0 || column < 0) return;
    let columns = this.#byLine.get(line);
    if (columns === undefined) this.#byLine.set(line, (columns = new Map<number, Wanted>()));
    if (!columns.has(column)) columns.set(column, { line, column, found: undefined });
    this.#lastLine = Math.max(this.#lastLine, line);
  }

  /**
   * The last segment that begins at or before the position, in its line; of several that begin right there the first.
   * Undefined where there is none. REQUIRES: it was wanted before `read`.
   */
  at({ line, column }: GeneratedPosition): Segment | undefined {
    return this.#byLine.get(line)?.get(column)?.found;
  }

  /** All that was found. */
  bySection(): Map<MapSection, Segment[]> {
    const found = new Map<MapSection, Segment[]>();
    for (const columns of this.#byLine.values()) {
      for (const { found: segment } of columns.values()) {
        if (segment === undefined) continue;
        const segments = found.get(segment.section);
        if (segments === undefined) found.set(segment.section, [segment]);
        else segments.push(segment);
      }
    }
    return found;
  }

  *read(sections: readonly MapSection[]): Steps<void> {
    for (const section of sections) yield* this.#readSection(section);
  }

  /** Throws where the mappings are not what they should be. */
  *#readSection(section: MapSection): Steps<void> {
    const { mappings, offset, limit } = section;
    const reader = new VlqReader(mappings);
    let { line, column: shift } = offset;
    let wanted = this.#wantedIn(line);
    let [generated, source, originalLine, originalColumn, name] = [0, 0, 0, 0, 0];
    for (let passed = 0; reader.at < mappings.length; passed++) {
      if (passed % stepLength === stepLength - 1) yield;
      const byte = mappings[reader.at];
      if (byte === semicolon) {
        reader.at++;
        wanted?.end();
        line++;
        if (line > this.#lastLine || line > limit.line) return;
        wanted = this.#wantedIn(line);
        shift = generated = 0;
        continue;
      }
      if (byte === comma) {
        reader.at++;
        continue;
      }
      generated += reader.next();
      const hasSource = reader.hasMore();
      let hasName = false;
      if (hasSource) {
        source += reader.next();
        originalLine += reader.next();
        originalColumn += reader.next();
        hasName = reader.hasMore();
        if (hasName) name += reader.next();
      }
      if (reader.hasMore()) throw new Error('a segment is too long');
      if (wanted === undefined) continue;
      const generatedColumn = shift + generated;
      if (line === limit.line && generatedColumn >= limit.column) break;
      wanted.offer(section, generatedColumn, hasSource ? source : -1, originalLine, originalColumn, hasName ? name : -1);
    }
    wanted?.end();
  }

  #wantedIn(line: number): WantedLine | undefined {
    const columns = this.#byLine.get(line);
    return columns === undefined ? undefined : new WantedLine(Array.from(columns.values()).sort((a, b) => a.column - b.column));
  }
}

/** Gives the segments of a line, one after the other, to the positions they are for. */
class WantedLine {
  readonly #sorted: readonly Wanted[];
  /** Those before it have theirs, as long as segments come in order. */
  #next = 0;
  #inOrder = true;
  /** The last one, a copy only when it is given away: minified lines have a million. */
  #pending: { -readonly [key in keyof Segment]: Segment[key] } | undefined;

  constructor(sorted: readonly Wanted[]) {
    this.#sorted = sorted;
  }

  offer(section: MapSection, generatedColumn: number, source: number, line: number, column: number, name: number): void {
    const pending = (this.#pending ??= { section, generatedColumn, source, line, column, name });
    // Generators sort; nothing says they must.
    if (generatedColumn < pending.generatedColumn && this.#inOrder) {
      this.end();
      this.#inOrder = false;
    }
    if (this.#inOrder) this.#settle(generatedColumn);
    pending.section = section;
    pending.generatedColumn = generatedColumn;
    pending.source = source;
    pending.line = line;
    pending.column = column;
    pending.name = name;
    if (!this.#inOrder) {
      for (const wanted of this.#sorted) giveBetter(wanted, pending);
    } else if (this.#sorted[this.#next]?.column === generatedColumn) {
      give(this.#sorted[this.#next++], pending);
    }
  }

  /** No more segments come in this line. */
  end(): void {
    if (this.#inOrder) this.#settle(Infinity);
  }

  /** Those before the column have seen all that can be theirs. */
  #settle(column: number): void {
    for (let wanted = this.#sorted[this.#next]; wanted !== undefined && wanted.column < column; wanted = this.#sorted[++this.#next]) {
      give(wanted, this.#pending);
    }
  }
}

function give(wanted: Wanted | undefined, segment: Segment | undefined): void {
  if (wanted !== undefined && segment !== undefined && segment.generatedColumn <= wanted.column) wanted.found = { ...segment };
}

function giveBetter(wanted: Wanted, segment: Segment): void {
  const best = wanted.found?.generatedColumn ?? -1;
  if (segment.generatedColumn > best || (segment.generatedColumn === best && best !== wanted.column)) give(wanted, segment);
}

/** Base64 variable-length quantities. Source: ECMA-426. */
class VlqReader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  hasMore(): boolean {
    const byte = this.#bytes[this.at];
    return byte !== undefined && byte !== comma && byte !== semicolon;
  }

  next(): number {
    let value = 0;
    let shift = 0;
    let digit: number;
    do {
      digit = valueOf[this.#bytes[this.at++] ?? 0] as number;
      if (digit === 64 || shift > 30) throw new Error('a number in its mappings is none');
      value |= (digit & 31) << shift;
      shift += 5;
    } while (digit & 32);
    const magnitude = value >>> 1;
    return value & 1 ? -magnitude : magnitude;
  }
}
