import { JsonRanges, type JsonRange } from './json-ranges.ts';
import type { Steps } from './steps.ts';

/** A generated position, both from 0. */
export interface GeneratedPosition { readonly line: number; readonly column: number }

/** One map; a map of a bundler may be made of several, one after the other. */
export interface MapSection {
  /** What its own positions begin at. */
  readonly offset: GeneratedPosition;
  /** What follows belongs to the next section. */
  readonly limit: GeneratedPosition;
  readonly sourceRoot: string;
  readonly sources: JsonRange;
  readonly names: JsonRange | undefined;
  /** The characters of the mappings: ASCII, as they are. */
  readonly mappings: Buffer;
}

const backslash = 0x5c;
const everywhere: GeneratedPosition = { line: Infinity, column: Infinity };
/** Sections of sections: nobody writes them. */
const deepest = 8;

/**
 * Finds the parts of a source map, version 3, in its bytes, which may begin with a guard against inclusion as a script.
 * Throws when it is not one. Source: ECMA-426.
 */
export class MapSections {
  readonly #json: JsonRanges;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = withoutGuard(bytes);
    this.#json = new JsonRanges(this.#bytes);
  }

  *find(): Steps<MapSection[]> {
    const members = yield* this.#membersOf(yield* this.#json.find(0));
    if (Number(this.#valueOf(members.get('version'))) !== 3) throw new Error('its version is not 3');
    const sections: MapSection[] = [];
    yield* this.#add(members, { line: 0, column: 0 }, everywhere, 0, sections);
    return sections;
  }

  /** The texts at the wanted indices of a list; undefined where there is none. */
  *texts(list: JsonRange | undefined, wanted: ReadonlySet<number>): Steps<Map<number, string>> {
    const found = new Map<number, string>();
    if (list === undefined || wanted.size === 0) return found;
    let last = 0;
    for (const index of wanted) last = Math.max(last, index);
    yield* this.#json.elements(list, (value, index) => {
      if (wanted.has(index) && this.#json.kindAt(value) === 'string') found.set(index, String(this.#json.valueOf(value)));
      return index < last;
    });
    return found;
  }

  *#add(members: ReadonlyMap<string, JsonRange>, offset: GeneratedPosition, limit: GeneratedPosition, depth: number, into: MapSection[]): Steps<void> {
    const list = members.get('sections');
    if (list === undefined) {
      into.push(yield* this.#section(members, offset, limit));
      return;
    }
    if (depth > deepest) throw new Error('its sections are too deep');
    const parts: { offset: GeneratedPosition; map: JsonRange }[] = [];
    const elements: JsonRange[] = [];
    yield* this.#json.elements(list, (value) => elements.push(value) > 0);
    for (const element of elements) {
      const part = yield* this.#membersOf(element);
      const map = part.get('map');
      if (map === undefined) throw new Error('a section has no map');
      const own = this.#valueOf(part.get('offset')) as Partial<GeneratedPosition> | undefined;
      parts.push({ map, offset: { line: offset.line + Number(own?.line), column: offset.column + Number(own?.column) } });
    }
    for (const [i, { map, offset: own }] of parts.entries()) {
      if (Number.isNaN(own.line + own.column)) throw new Error('a section has no offset');
      const next = parts[i + 1]?.offset ?? limit;
      yield* this.#add(yield* this.#membersOf(map), own, isBefore(next, limit) ? next : limit, depth + 1, into);
    }
  }

  *#section(members: ReadonlyMap<string, JsonRange>, offset: GeneratedPosition, limit: GeneratedPosition): Steps<MapSection> {
    const mappings = members.get('mappings');
    const sources = members.get('sources');
    const names = members.get('names');
    if (mappings === undefined || this.#json.kindAt(mappings) !== 'string') throw new Error('it has no mappings');
    if (sources === undefined) throw new Error('it has no sources');
    const sourceRoot = this.#valueOf(members.get('sourceRoot'));
    yield* this.#assertTexts(sources);
    if (names !== undefined) yield* this.#assertTexts(names);
    return { offset, limit, sourceRoot: typeof sourceRoot === 'string' ? sourceRoot : '', sources, names, mappings: this.#characters(mappings) };
  }

  /** Of a string: a view when nothing in it is escaped, which no generator does. */
  #characters({ start, end }: JsonRange): Buffer {
    const view = this.#bytes.subarray(start + 1, end - 1);
    return view.includes(backslash) ? Buffer.from(String(this.#json.valueOf({ start, end })), 'latin1') : view;
  }

  *#assertTexts(list: JsonRange): Steps<void> {
    yield* this.#json.elements(list, (value) => {
      if (this.#json.kindAt(value) !== 'string' && this.#json.valueOf(value) !== null) throw new Error('a source or name is no text');
      return true;
    });
  }

  *#membersOf(range: JsonRange): Steps<Map<string, JsonRange>> {
    const members = new Map<string, JsonRange>();
    yield* this.#json.members(range, (key, value) => members.set(key, value));
    return members;
  }

  #valueOf(range: JsonRange | undefined): unknown {
    return range === undefined ? undefined : this.#json.valueOf(range);
  }
}

function isBefore(a: GeneratedPosition, b: GeneratedPosition): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

/** Servers may put `)]}'` and a line end before a map, and editors a byte order mark. */
function withoutGuard(bytes: Buffer): Buffer {
  let rest = bytes;
  if (rest[0] === 0xef && rest[1] === 0xbb && rest[2] === 0xbf) rest = rest.subarray(3);
  if (!rest.subarray(0, 4).equals(Buffer.from(")]}'"))) return rest;
  const end = rest.indexOf(0x0a);
  return end < 0 ? rest : rest.subarray(end + 1);
}
