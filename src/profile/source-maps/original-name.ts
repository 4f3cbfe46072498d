import type { GeneratedText, TextPosition } from './generated-text.ts';

/** The `names` entry of the map segment that starts at this generated position (0-based), if there is one. */
export type NameAt = (line: number, column: number) => string | undefined;

// What a stack trace puts around the name itself: `async `, `new `, `get `, and ` [as alias]`.
const decorated = /^((?:(?:async|new|get|set|static)\s+)*)(.*?)(\s+\[as .*\])?$/s;
const identifier = /^#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
// Between the identifier a function is bound to and the function's start as V8 has it: nothing for declarations and
// methods, `=` or `:` for values, then whatever of `async function*` V8 does not count in, and wrapping parentheses.
const binding = /(?:\s*[=:]\s*\(*\s*(?:async\s*)?(?:function\b\s*\*?\s*)?|\s*)$/;
/** Longest stretch between identifier and function start that is looked at. */
const maxGap = 64;
/**
 * `a(` and `a=()`. Longer gaps, such as `a=function(`, also find identifiers that have nothing to do with the
 * function (tried on the output of esbuild and terser), and a wrong name is worse than a generated one.
 */
const gapsWithoutText = [0, 1];

/**
 * The name a function had in the original source, read where the generated code declares it; the generated name
 * when the map does not say. Prefixes stay, and of `Class.method` each part is looked up by itself.
 */
export function originalName(
  functionName: string,
  start: TextPosition,
  nameAt: NameAt,
  text: GeneratedText | undefined,
): string {
  const [, prefix = '', path = '', suffix = ''] = decorated.exec(functionName) ?? [];
  const parts = path.split('.');
  if (!parts.every((part) => identifier.test(part))) return functionName;
  const isConstructor = /\bnew\s/.test(prefix);
  const lookup = text === undefined ? new MapLookup(start, nameAt) : new TextLookup(text, start, nameAt);
  const mapped = lookup.names(parts, isConstructor);
  return `${prefix}${parts.map((part, i) => withHash(part, mapped[i] ?? part)).join('.')}${suffix}`;
}

/** Finds the original name of each part of a generated path, undefined where there is none. */
interface NameLookup {
  names(parts: readonly string[], isConstructor: boolean): (string | undefined)[];
}

class TextLookup implements NameLookup {
  readonly #text: GeneratedText;
  readonly #start: TextPosition;
  readonly #nameAt: NameAt;

  constructor(text: GeneratedText, start: TextPosition, nameAt: NameAt) {
    this.#text = text;
    this.#start = start;
    this.#nameAt = nameAt;
  }

  names(parts: readonly string[], isConstructor: boolean): (string | undefined)[] {
    const startOffset = this.#text.offsetOf(this.#start);
    // Text that is not what V8 ran (a loader's output, a file replaced since): the map alone must do.
    if (startOffset < 0) return new MapLookup(this.#start, this.#nameAt).names(parts, isConstructor);
    const mapped: (string | undefined)[] = [];
    let end = isConstructor ? -1 : this.#bindingEnd(startOffset);
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i] ?? '';
      const from = this.#identifierEndingAt(part, end);
      if (from >= 0) {
        mapped[i] = this.#nameOf(from);
        end = this.#objectEnd(from);
      } else if (isConstructor || i < parts.length - 1) {
        mapped[i] = this.#className(part, startOffset);
        end = -1;
      }
    }
    return mapped;
  }

  #className(name: string, startOffset: number): string | undefined {
    const offset = this.#text.classBefore(name, startOffset + 1);
    if (offset < 0) return undefined;
    const inner = this.#nameOf(offset);
    // esbuild turns `class A` into `let A = class _A`; the name the author chose is on the variable.
    const variable = /([\p{ID_Continue}$]+)\s*=\s*class\s+$/u.exec(this.#text.text.slice(Math.max(0, offset - maxGap), offset));
    const outer = variable?.[1] === undefined ? undefined : this.#nameOf(offset - variable[0].length);
    return outer !== undefined && inner === `_${outer}` ? outer : inner;
  }

  #bindingEnd(startOffset: number): number {
    const from = Math.max(0, startOffset - maxGap);
    const before = this.#text.text.slice(from, startOffset);
    return from + before.length - (binding.exec(before)?.[0].length ?? 0);
  }

  /** Where the `x` of `x.y` or `x.prototype.y` ends, for `y` at `offset`. */
  #objectEnd(offset: number): number {
    const before = this.#text.text.slice(Math.max(0, offset - maxGap), offset);
    const access = /(?:\.prototype)?\.$/.exec(before);
    return access === null ? -1 : offset - access[0].length;
  }

  #identifierEndingAt(name: string, end: number): number {
    const from = end - name.length;
    if (end < 0 || from < 0 || !this.#text.text.startsWith(name, from)) return -1;
    return /[\p{ID_Continue}$#]/u.test(this.#text.text[from - 1] ?? '') ? -1 : from;
  }

  #nameOf(offset: number): string | undefined {
    if (offset < 0) return undefined;
    const { line, column } = this.#text.positionOf(offset);
    return this.#nameAt(line, column);
  }
}

/** Without the text: only where the distance leaves no doubt which identifier it is; classes stay as they are. */
class MapLookup implements NameLookup {
  readonly #start: TextPosition;
  readonly #nameAt: NameAt;

  constructor(start: TextPosition, nameAt: NameAt) {
    this.#start = start;
    this.#nameAt = nameAt;
  }

  names(parts: readonly string[], isConstructor: boolean): (string | undefined)[] {
    const last = parts.length - 1;
    const name = parts[last] ?? '';
    const mapped: (string | undefined)[] = [];
    if (isConstructor) return mapped;
    for (const gap of gapsWithoutText) {
      mapped[last] = this.#nameAt(this.#start.line, this.#start.column - gap - name.length);
      if (mapped[last] !== undefined) break;
    }
    return mapped;
  }
}

/** Maps name a private member with or without its `#`. */
function withHash(generated: string, original: string): string {
  return generated.startsWith('#') && !original.startsWith('#') ? `#${original}` : original;
}
