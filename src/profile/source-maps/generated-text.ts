import type { Steps } from './steps.ts';

/** Line and column, both 0-based. */
export interface TextPosition { readonly line: number; readonly column: number }

// What V8 counts as the end of a line (ECMA-262, LineTerminatorSequence).
const lineEnd = /\r\n|[\n\r\u2028\u2029]/g;
/** Between two pauses. */
const linesAtOnce = 1024;

/** Random access to the text of a script by line and column. */
export class GeneratedText {
  readonly text: string;
  readonly #lineStarts: readonly number[];
  readonly #classes = new Map<string, readonly number[]>();

  private constructor(text: string, lineStarts: readonly number[]) {
    this.text = text;
    this.#lineStarts = lineStarts;
  }

  static *of(text: string): Steps<GeneratedText> {
    const lineStarts = [0];
    for (const match of text.matchAll(lineEnd)) {
      lineStarts.push(match.index + match[0].length);
      if (lineStarts.length % linesAtOnce === 0) yield;
    }
    return new GeneratedText(text, lineStarts);
  }

  /** Offset of a position; -1 when the text has no such line. */
  offsetOf({ line, column }: TextPosition): number {
    const start = this.#lineStarts[line];
    return start === undefined || start + column > this.text.length ? -1 : start + column;
  }

  positionOf(offset: number): TextPosition {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - (this.#lineStarts[low] ?? 0) };
  }

  /** Offset of the identifier in the last `class NAME` or `NAME = class` before `offset`; -1 when there is none. */
  classBefore(name: string, offset: number): number {
    let offsets = this.#classes.get(name);
    if (offsets === undefined) {
      const escaped = name.replace(/[$]/g, '\\$&');
      const declaration = new RegExp(`(?<=\\bclass\\s+)${escaped}(?![\\w$])|(?<![\\w$])${escaped}(?=\\s*=\\s*class\\b)`, 'g');
      offsets = Array.from(this.text.matchAll(declaration), (match) => match.index);
      this.#classes.set(name, offsets);
    }
    return offsets.findLast((candidate) => candidate < offset) ?? -1;
  }
}
