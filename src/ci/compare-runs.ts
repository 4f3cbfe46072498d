import { sum } from '../analyze/sum.ts';
import { median, rankTest, shift, type Shift } from './rank-test.ts';
import type { FunctionRuns, RunCosts } from './run-costs.ts';
import { sizeFactors } from './size-factors.ts';

/** Functions below this share of both sides together are not tested: what they could cost nobody would notice. */
export const leastShare = 0.005;

/** How the cost of one function, or of the whole program, differs between base and head. */
export interface Comparison {
  /** Undefined for the whole program. */
  readonly fn: FunctionRuns | undefined;
  /** Median cost of a base run and a head run, in the unit of the profiles, as measured. */
  readonly base: number;
  readonly head: number;
  /** Difference a run after the machine's speed in each run is taken out; for the whole program as measured. */
  readonly effect: Shift;
  /** The same as a share of the function's cost in base, such as 0.1 for 10%; infinite for what base did not have. */
  readonly relative: Shift;
  /** Difference a run as measured. */
  readonly measured: Shift;
  /** One-sided probabilities of the rank test: that chance alone makes it grow, or shrink, like this. */
  readonly pMore: number;
  readonly pLess: number;
  /** Costs by run that were compared. */
  readonly baseRuns: readonly number[];
  readonly headRuns: readonly number[];
}

export interface Comparisons {
  readonly unit: string;
  /** In the order of `RunCosts.functions`; undefined for functions too cheap to test. */
  readonly functions: readonly (Comparison | undefined)[];
  readonly total: Comparison;
}

/** Compares runs of both sides function by function. Runs of `costs` are in the order they were made. */
export function compareRuns(costs: RunCosts): Comparisons {
  const baseCount = costs.baseTotals.length;
  const runs = baseCount + costs.headTotals.length;
  const all = sum(costs.baseTotals) + sum(costs.headTotals);
  const isWorth = (fn: FunctionRuns): boolean => sum(fn.base) + sum(fn.head) >= leastShare * all;
  const worth = costs.functions.filter(isWorth);
  const factors = sizeFactors(worth.map(({ base, head }) => [...base, ...head]), runs);
  const baseFactors = factors.slice(0, baseCount);
  const headFactors = factors.slice(baseCount);
  const one = (values: readonly number[]): number[] => values.map(() => 1);
  return {
    unit: costs.unit,
    functions: costs.functions.map((fn) => (isWorth(fn) ? compare(fn, fn.base, fn.head, baseFactors, headFactors) : undefined)),
    total: compare(undefined, costs.baseTotals, costs.headTotals, one(costs.baseTotals), one(costs.headTotals)),
  };
}

function compare(
  fn: FunctionRuns | undefined,
  base: readonly number[],
  head: readonly number[],
  baseFactors: readonly number[],
  headFactors: readonly number[],
): Comparison {
  const baseRuns = base.map((value, run) => value / (baseFactors[run] ?? 1));
  const headRuns = head.map((value, run) => value / (headFactors[run] ?? 1));
  const effect = shift(baseRuns, headRuns);
  const before = median(baseRuns);
  const part = (value: number): number => (before > 0 ? value / before : value > 0 ? Infinity : 0);
  return {
    fn,
    base: median(base),
    head: median(head),
    effect,
    relative: { estimate: part(effect.estimate), low: part(effect.low), high: part(effect.high) },
    measured: shift(base, head),
    pMore: rankTest(baseRuns, headRuns),
    pLess: rankTest(headRuns, baseRuns),
    baseRuns,
    headRuns,
  };
}

/**
 * Probabilities corrected for how many were looked at (Holm 1979): to take all below `a` as true is wrong with a
 * probability of at most `a`, whatever the tests' dependence.
 */
export function holm(probabilities: readonly number[]): number[] {
  const order = probabilities.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const corrected = new Array<number>(probabilities.length).fill(1);
  let highest = 0;
  for (const [rank, { p, index }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, p * (order.length - rank)));
    corrected[index] = highest;
  }
  return corrected;
}
