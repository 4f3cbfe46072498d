import { sum } from '../analyze/sum.ts';
import { median } from './rank-test.ts';

/** One function may not set the measure alone, however large: its weight is at most so many ordinary ones. */
const mostWeight = 4;
/** Of the weight, at each end: what changed most says nothing about the run. */
const trimmed = 0.25;

/**
 * How expensive each run was altogether, 1 on average: the speed of the machine at that time, not the program.
 * `costs[f][r]` is function f in run r. Not the run's total, because a function that doubles would then make all
 * others look cheaper; instead the trimmed mean over functions of the ratio to that function's own average, as gene
 * expression is normalized ("trimmed mean of M-values", Robinson and Oshlack 2010).
 */
export function sizeFactors(costs: readonly (readonly number[])[], runs: number): number[] {
  const usable = costs.filter((cost) => cost.every((value) => value > 0));
  const means = usable.map((cost) => sum(cost) / runs);
  if (usable.length === 0) return new Array<number>(runs).fill(1);
  const weights = means.map((mean) => Math.min(mean, mostWeight * median(means)));
  const logMeans = usable.map((cost) => sum(cost.map(Math.log)) / runs);
  const logs = Array.from({ length: runs }, (_, run) => {
    const ratios = usable.map((cost, f) => ({ ratio: Math.log(cost[run] ?? 1) - (logMeans[f] ?? 0), weight: weights[f] ?? 0 }));
    return trimmedMean(ratios);
  });
  const average = sum(logs) / runs;
  return logs.map((log) => Math.exp(log - average));
}

function trimmedMean(ratios: { readonly ratio: number; readonly weight: number }[]): number {
  const all = sum(ratios.map(({ weight }) => weight));
  const [from, to] = [all * trimmed, all * (1 - trimmed)];
  let [at, kept, weighted] = [0, 0, 0];
  for (const { ratio, weight } of ratios.sort((a, b) => a.ratio - b.ratio)) {
    // The part of this weight that lies in the middle.
    const inside = Math.max(0, Math.min(at + weight, to) - Math.max(at, from));
    at += weight;
    kept += inside;
    weighted += inside * ratio;
  }
  return kept === 0 ? 0 : weighted / kept;
}
