import { seededRandom } from './random.ts';
import type { Bar } from './scenario.ts';

/** A median and the interval that holds it with 95% confidence. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Of how many values. One tells no interval: `low` and `high` are the value. */
  readonly n: number;
}

/** With fewer values neither an interval nor a line through them says anything. */
export const fewestRounds = 3;

const resamples = 2000;

/** The values that are there: rounds in which a program failed leave NaN. */
export const present = (values: readonly number[]): number[] => values.filter((value) => !Number.isNaN(value));

/** The middle value; the mean of the two middle ones when their number is even. NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? NaN) + (sorted[Math.ceil(half) - 1] ?? NaN)) / 2;
}

/** The mean without the lowest and the highest `share` (0 to 0.5) of the values. NaN without values. */
export function trimmedMean(values: readonly number[], share: number): number {
  const cut = Math.floor(share * values.length);
  const kept = values.toSorted((a, b) => a - b).slice(cut, values.length - cut);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

/** The value below which a share (0 to 1) of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Student's t for 95%, by degrees of freedom from 1 on; beyond the table a little above the normal's 1.96. */
const studentT = [12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
const normal = 1.96;

/**
 * By how much a percentile bootstrap of few values is too narrow: it knows the spread only from them, and no value beyond
 * them (T. Hesterberg, What Teachers Should Know About the Bootstrap, 2015, section 4.3).
 */
const narrowness = (n: number): number => ((studentT[n - 2] ?? normal + 2.6 / (n - 1)) / normal) * Math.sqrt(n / (n - 1));

/**
 * Median with a percentile bootstrap interval (B. Efron, 1979): the values are drawn anew with replacement 2,000 times,
 * and the interval is widened as few values demand: by 2.7 for three, 1.6 for five, 1.2 for ten. The same values give the
 * same interval.
 */
export function estimate(values: readonly number[]): Estimate {
  return bootstrap(present(values), median);
}

/** The same for any statistic of the values; `statistic` is asked once for each draw. */
export function bootstrap<T>(values: readonly T[], statistic: (drawn: readonly T[]) => number): Estimate {
  const random = seededRandom(values.length);
  const drawn = Array.from({ length: values.length > 1 ? resamples : 0 }, () =>
    statistic(values.map(() => values[Math.floor(random() * values.length)]!)),
  );
  const middle = statistic(values);
  if (drawn.length === 0) return { median: middle, low: middle, high: middle, n: values.length };
  const widen = (end: number): number => middle + narrowness(values.length) * (end - middle);
  return { median: middle, low: widen(quantile(drawn, 0.025)), high: widen(quantile(drawn, 0.975)), n: values.length };
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
  const middle = median(present(values));
  return 'atMost' in bar ? middle <= bar.atMost : middle >= bar.atLeast;
}

export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** Share of the variance that the line explains, 0 to 1. */
  readonly r2: number;
}

/** Least squares. Needs two different x. */
export function fitLine(points: readonly { readonly x: number; readonly y: number }[]): Line {
  const mean = (pick: (point: { x: number; y: number }) => number): number => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = mean(({ x }) => (x - meanX) ** 2);
  const slope = mean(({ x, y }) => (x - meanX) * (y - meanY)) / spread;
  const intercept = meanY - slope * meanX;
  const total = mean(({ y }) => (y - meanY) ** 2);
  const left = mean(({ x, y }) => (y - intercept - slope * x) ** 2);
  return { slope, intercept, r2: total === 0 ? 1 : 1 - left / total };
}
