import type { Steps } from './steps.ts';

/** Where a JSON value is in the bytes of its document: from `start` up to `end`. */
export interface JsonRange { readonly start: number; readonly end: number }

export type JsonKind = 'object' | 'array' | 'string' | 'other';

const code = { quote: 0x22, comma: 0x2c, colon: 0x3a, backslash: 0x5c, openArray: 0x5b, closeArray: 0x5d, openObject: 0x7b, closeObject: 0x7d };
const spaces = new Set([0x20, 0x09, 0x0a, 0x0d]);
const kinds = new Map<number | undefined, JsonKind>([[code.openObject, 'object'], [code.openArray, 'array'], [code.quote, 'string']]);
/** Between two pauses: some tens of microseconds. */
const stepLength = 512;
/** Keys of source maps are short; a longer one is none of them and need not be read. */
const longestKey = 64;

/**
 * Finds its way in a JSON document without making values of it: of a source map of megabytes some hundred bytes are
 * wanted, and `JSON.parse` cannot pause. What it passes over is not checked, only that it ends. Throws where it cannot
 * go on.
 */
export class JsonRanges {
  readonly #bytes: Buffer;
  #passed = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  kindAt({ start }: JsonRange): JsonKind {
    return kinds.get(this.#bytes[start]) ?? 'other';
  }

  /** The value itself. For small ones: it does not pause. */
  valueOf({ start, end }: JsonRange): unknown {
    return JSON.parse(this.#bytes.toString('utf8', start, end));
  }

  /** The value that begins at `at` or after spaces there. */
  *find(at: number): Steps<JsonRange> {
    const start = this.#skipSpaces(at);
    return { start, end: yield* this.#endOf(start) };
  }

  /** Each member of an object, in order. */
  *members({ start }: JsonRange, visit: (key: string, value: JsonRange) => void): Steps<void> {
    for (let at = this.#first(start, code.openObject, code.closeObject); at >= 0;) {
      const key = yield* this.find(at);
      if (this.kindAt(key) !== 'string') throw new Error('a key is missing');
      const colon = this.#skipSpaces(key.end);
      if (this.#bytes[colon] !== code.colon) throw new Error('a colon is missing');
      const value = yield* this.find(colon + 1);
      visit(key.end - key.start > longestKey ? '' : String(this.valueOf(key)), value);
      at = this.#next(value.end, code.closeObject);
    }
  }

  /** Each element of an array, in order, as long as `visit` returns true. */
  *elements({ start }: JsonRange, visit: (value: JsonRange, index: number) => boolean): Steps<void> {
    let index = 0;
    for (let at = this.#first(start, code.openArray, code.closeArray); at >= 0;) {
      const value = yield* this.find(at);
      if (!visit(value, index++)) return;
      at = this.#next(value.end, code.closeArray);
    }
  }

  /** Where the first content of an object or array is; -1 when it is empty. */
  #first(start: number, open: number, close: number): number {
    if (this.#bytes[start] !== open) throw new Error('it is of another kind');
    const at = this.#skipSpaces(start + 1);
    return this.#bytes[at] === close ? -1 : at;
  }

  /** Where the content after a comma is; -1 at the end. */
  #next(end: number, close: number): number {
    const at = this.#skipSpaces(end);
    if (this.#bytes[at] === close) return -1;
    if (this.#bytes[at] !== code.comma) throw new Error('a comma is missing');
    return at + 1;
  }

  #skipSpaces(at: number): number {
    while (spaces.has(this.#bytes[at] ?? 0)) at++;
    return at;
  }

  *#endOf(start: number): Steps<number> {
    const bytes = this.#bytes;
    let depth = 0;
    let at = start;
    do {
      if (++this.#passed % stepLength === 0) yield;
      const byte = bytes[at];
      if (byte === code.quote) {
        at = yield* this.#endOfString(at);
      } else if (byte === code.openObject || byte === code.openArray) {
        depth++;
        at++;
      } else if (byte === code.closeObject || byte === code.closeArray) {
        depth--;
        at++;
      } else if (depth === 0) {
        at = this.#endOfWord(at);
      } else {
        at++;
      }
      if (at > bytes.length || depth < 0) throw new Error('it has no end');
    } while (depth > 0);
    return at;
  }

  *#endOfString(start: number): Steps<number> {
    const bytes = this.#bytes;
    for (let at = start + 1; ;) {
      if (++this.#passed % stepLength === 0) yield;
      const quote = bytes.indexOf(code.quote, at);
      if (quote < 0) throw new Error('a string has no end');
      let escape = quote;
      while (escape > at && bytes[escape - 1] === code.backslash) escape--;
      at = quote + 1;
      if ((quote - escape) % 2 === 0) return at;
    }
  }

  /** Of a number, `true`, `false` or `null`. */
  #endOfWord(start: number): number {
    let at = start;
    for (;;) {
      const byte = this.#bytes[at];
      if (byte === undefined || byte === code.comma || byte === code.closeArray || byte === code.closeObject || spaces.has(byte)) break;
      at++;
    }
    if (at === start) throw new Error('a value is missing');
    return at;
  }
}
