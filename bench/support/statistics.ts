import type { Bar } from './scenario.ts';

/** The middle value; the mean of the two middle ones when their number is even. NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? NaN) + (sorted[Math.ceil(half) - 1] ?? NaN)) / 2;
}

/** `values[i] - baseline[i]`: what a round's variant has above the same round's baseline. */
export function differences(values: readonly number[], baseline: readonly number[]): number[] {
  return pairs(values, baseline).map(([value, base]) => value - base);
}

/** `values[i] / baseline[i]`. */
export function ratios(values: readonly number[], baseline: readonly number[]): number[] {
  return pairs(values, baseline).map(([value, base]) => value / base);
}

function pairs(values: readonly number[], baseline: readonly number[]): [number, number][] {
  return values.flatMap((value, i): [number, number][] => {
    const base = baseline[i];
    return base === undefined ? [] : [[value, base]];
  });
}

/** Whether the median is within the bar. */
export function holds(values: readonly number[], bar: Bar): boolean {
  const middle = median(values);
  return 'atMost' in bar ? middle <= bar.atMost : middle >= bar.atLeast;
}
