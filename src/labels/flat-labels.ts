import type { LabelSink } from './labels.ts';

const maxLabels = 16;
const maxKeyLength = 100;
const maxValueLength = 200;
const reserved = new Set(['thread']);

/** The labels of one sample as the addon takes them: `[key, value, late id, …]`. */
export class FlatLabels implements LabelSink {
  readonly values: (string | number)[] = [];

  clear(): void {
    this.values.length = 0;
  }

  add(key: string, value: string | number, late = 0): void {
    if (key === '' || reserved.has(key)) return;
    const { values } = this;
    const name = key.length > maxKeyLength ? key.slice(0, maxKeyLength) : key;
    let at = 0;
    while (at < values.length && values[at] !== name) at += 3;
    if (at === values.length && at >= 3 * maxLabels) return;
    values[at] = name;
    values[at + 1] = plain(value);
    values[at + 2] = late;
  }
}

/** pprof has texts and 64-bit integers. What a JavaScript caller gives against the types is text as well. */
function plain(value: unknown): string | number {
  if (Number.isSafeInteger(value)) return value as number;
  return String(value).slice(0, maxValueLength);
}
