import { bootstrap, fewestRounds, fitLine, type Estimate } from '../support/statistics.ts';
import type { Fit, Row } from '../support/scenario.ts';

/** What a series over an axis shows for one variant. */
export interface FitResult {
  readonly measure: string;
  readonly variant: string;
  readonly unit: string;
  readonly per: string;
  readonly expects: Fit['expects'];
  /** Change of the measure with one step on the axis. */
  readonly slope: Estimate;
  /** Value of the line at zero. */
  readonly intercept: Estimate;
  readonly r2: number;
  /** Value at the highest level less that at the lowest. */
  readonly change: Estimate;
  /** At the lowest and at the highest level. */
  readonly ends: readonly [x: number, y: number][];
  readonly holds: boolean | undefined;
}

const straight = 0.98;

/** Least squares through the rounds' values, with bootstrap intervals over rounds. */
export function fitSeries({ measure, expects, per }: Fit, rows: readonly Row[], variant: string): FitResult | undefined {
  const levels = rows.filter((row) => row.measure === measure && row.variant === variant && row.x !== undefined).toSorted((a, b) => (a.x ?? 0) - (b.x ?? 0));
  const rounds = Math.min(...levels.map(({ values }) => values.length));
  const complete = Array.from({ length: Number.isFinite(rounds) ? rounds : 0 }, (_, i) => levels.map(({ x, values }) => ({ x: x ?? 0, y: values[i] ?? NaN }))).filter((points) =>
    points.every(({ y }) => !Number.isNaN(y)),
  );
  if (levels.length < 2 || complete.length === 0) return undefined;
  const of = (pick: (points: { x: number; y: number }[]) => number): Estimate => bootstrap(complete, (drawn) => pick(meanByLevel(drawn)));
  const change = of((points) => (points.at(-1)?.y ?? NaN) - (points[0]?.y ?? NaN));
  const { r2 } = fitLine(meanByLevel(complete));
  const judged = complete.length >= fewestRounds && expects !== 'open';
  // Flat: a rise, if any, is not told from zero. A fall is no cost.
  const holds = judged ? (expects === 'flat' ? change.low <= 0 : r2 >= straight) : undefined;
  const points = meanByLevel(complete);
  const ends = [points[0], points.at(-1)].map((point): [number, number] => [point?.x ?? NaN, point?.y ?? NaN]);
  return { measure, variant, unit: levels[0]?.unit ?? '', per, expects, slope: of((all) => fitLine(all).slope), intercept: of((all) => fitLine(all).intercept), r2, change, ends, holds };
}

/** The mean over rounds, for each level. */
function meanByLevel(rounds: readonly (readonly { x: number; y: number }[])[]): { x: number; y: number }[] {
  return (rounds[0] ?? []).map(({ x }, level) => ({ x, y: rounds.reduce((sum, points) => sum + (points[level]?.y ?? NaN), 0) / rounds.length }));
}
