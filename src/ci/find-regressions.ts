import { compareRuns, holm, type Comparison, type Comparisons } from './compare-runs.ts';
import { movedCost, type Movement } from './moved-cost.ts';
import { leastProbability } from './rank-test.ts';
import type { RunCosts } from './run-costs.ts';

/** A growth that chance makes in less than this many cases is worth a second look. Not corrected: that is the look's work. */
const suspicious = 0.01;
/** The second look alone must bear the suspicion out at this level, corrected for the number of suspects. */
const seenAgain = 0.05;
/** And all runs together at this level, corrected for the number of functions. */
const certain = 0.01;

export interface Finding {
  readonly comparison: Comparison;
  /** Of all runs together, corrected for the number of functions tested. */
  readonly p: number;
  /** Set when functions around it gave cost away. */
  readonly movement: Movement | undefined;
}

export interface Verdict {
  /** Grew by at least what was asked, seen twice. Largest first. Not empty: the run fails. */
  readonly regressions: readonly Finding[];
  /** Grew only by what functions around it lost. */
  readonly moved: readonly Finding[];
  /** Suspected and not borne out by the second look, or smaller than asked. */
  readonly dismissed: readonly Finding[];
  readonly improvements: readonly Finding[];
  readonly comparisons: Comparisons;
}

export interface Limits {
  /** Growth of a function's own cost below this part does not count, such as 0.05 for 5%. */
  readonly failOn: number;
}

/** What to look at again after the first runs: names the functions by `keyOf`. Empty when there is nothing. */
export function findSuspects(costs: RunCosts, { failOn }: Limits): string[] {
  const comparisons = compareRuns(costs);
  return entries(comparisons)
    // Half of what is asked: the first estimate is not exact.
    .filter(({ comparison }) => comparison.pMore <= suspicious && comparison.relative.estimate >= failOn / 2)
    .filter(({ comparison, index }) => comparison.effect.estimate > 0 && movedCost(comparisons, index)?.isWhole !== true)
    .map(({ comparison }) => keyOf(comparison));
}

/**
 * Judges all runs, of which those from `firstRuns` on are the second look at `suspects`. Without suspects nothing can
 * be a regression: a growth must be seen twice.
 */
export function judge(costs: RunCosts, firstRuns: number, suspects: readonly string[], { failOn }: Limits): Verdict {
  const comparisons = compareRuns(costs);
  const second = suspects.length === 0 ? new Map<string, Comparison>() : new Map(entries(compareRuns(runsFrom(costs, firstRuns))).map(({ comparison }) => [keyOf(comparison), comparison]));
  const all = entries(comparisons);
  const pMore = holm(all.map(({ comparison }) => comparison.pMore));
  const pLess = holm(all.map(({ comparison }) => comparison.pLess));
  const again = holm(suspects.map((key) => second.get(key)?.pMore ?? 1));
  const regressions: Finding[] = [];
  const moved: Finding[] = [];
  const dismissed: Finding[] = [];
  const improvements: Finding[] = [];
  for (const [position, { comparison, index }] of all.entries()) {
    const suspect = suspects.indexOf(keyOf(comparison));
    const movement = movedCost(comparisons, index);
    const finding: Finding = { comparison, p: pMore[position] ?? 1, movement };
    const isCertain = finding.p <= certain;
    if (isCertain && movement?.isWhole === true) moved.push(finding);
    else if (suspect >= 0) {
      const grew = comparison.relative.estimate >= failOn && !isContradicted(comparison);
      if (isCertain && grew && (again[suspect] ?? 1) <= seenAgain) regressions.push(finding);
      else dismissed.push(finding);
    } else if ((pLess[position] ?? 1) <= certain && comparison.relative.estimate <= -failOn) {
      improvements.push({ ...finding, p: pLess[position] ?? 1 });
    }
  }
  const byEffect = (a: Finding, b: Finding): number => Math.abs(b.comparison.effect.estimate) - Math.abs(a.comparison.effect.estimate);
  // The whole program says something only where no function does.
  const ofFunctions = regressions.filter(({ comparison }) => comparison.fn !== undefined).sort(byEffect);
  return {
    regressions: ofFunctions.length > 0 ? ofFunctions : regressions,
    moved: moved.sort(byEffect),
    dismissed: dismissed.sort(byEffect),
    // What a moved cost left behind is no improvement.
    improvements: improvements.filter(({ comparison }) => !moved.some(({ movement }) => movement?.from.includes(comparison))).sort(byEffect),
    comparisons,
  };
}

/**
 * When all else became faster, what stayed as it was looks slower beside it. Then the values as measured lie surely
 * below those with the machine's speed taken out.
 */
function isContradicted({ measured, effect }: Comparison): boolean {
  return measured.estimate <= 0 && measured.high < effect.low;
}

/** How many runs a side it takes to be sure of one function among `functions`. */
export function fewestRuns(functions: number): number {
  let runs = 2;
  while (leastProbability(runs, runs) > suspicious || leastProbability(2 * runs, 2 * runs) * functions > certain) runs += 1;
  return runs;
}

/** The same function in two comparisons of one program. */
export function keyOf({ fn }: Comparison): string {
  return fn === undefined ? '' : JSON.stringify([fn.place.name, fn.place.file, fn.place.line]);
}

function entries({ functions, total }: Comparisons): { comparison: Comparison; index: number }[] {
  const tested = functions.flatMap((comparison, index) => (comparison === undefined ? [] : [{ comparison, index }]));
  return [...tested, { comparison: total, index: -1 }];
}

function runsFrom(costs: RunCosts, first: number): RunCosts {
  return {
    unit: costs.unit,
    functions: costs.functions.map((fn) => ({ ...fn, base: fn.base.slice(first), head: fn.head.slice(first) })),
    baseTotals: costs.baseTotals.slice(first),
    headTotals: costs.headTotals.slice(first),
  };
}
