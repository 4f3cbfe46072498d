import { rankTest, shift } from './rank-test.ts';
import type { Comparison, Comparisons } from './compare-runs.ts';

/** Neighbours gave cost away when chance does this to any of them in less than one of a hundred cases. */
const surelyLess = 0.01;
/** What gave less than this part of the growth is not where it came from. */
const leastGiven = 0.2;
/** What is left of a growth after what its neighbours gave away; below this part of it the cost only moved. */
const stillGrown = 0.3;

export interface Movement {
  /** The functions that cost less by what this one costs more, largest first. Not empty. */
  readonly from: readonly Comparison[];
  /** True when nothing to speak of remains: the cost moved and did not grow. */
  readonly isWhole: boolean;
}

/**
 * Whether the cost by which function `index` grew is missing in functions that call it, that it calls, or, for one
 * that is new, stand beside it: code that was taken out into a helper, or put back. Undefined when it is not.
 */
export function movedCost({ functions }: Comparisons, index: number): Movement | undefined {
  const grown = functions[index];
  if (grown?.fn === undefined) return undefined;
  const around = nearby(functions, index).map((at) => functions[at]).filter((other) => other !== undefined);
  const from = around
    .filter(({ effect, pLess }) => effect.estimate <= -leastGiven * grown.effect.estimate && pLess * around.length <= surelyLess)
    .sort((a, b) => a.effect.estimate - b.effect.estimate);
  if (from.length === 0) return undefined;
  // What is left is judged on the sums of each run: there the moved cost itself, and its noise, cancel out.
  const added = (pick: (each: Comparison) => readonly number[]): number[] =>
    pick(grown).map((value, run) => from.reduce((all, other) => all + (pick(other)[run] ?? 0), value));
  const [base, head] = [added(({ baseRuns }) => baseRuns), added(({ headRuns }) => headRuns)];
  const left = shift(base, head).estimate;
  if (left > grown.effect.estimate * (1 - stillGrown)) return undefined;
  return { from, isWhole: left <= grown.effect.estimate * stillGrown || rankTest(base, head) > 0.05 };
}

/**
 * Callers and callees. Functions beside it under one caller only where one of the two is new or gone: else one that
 * became faster would excuse one that became slower.
 */
function nearby(functions: Comparisons['functions'], index: number): number[] {
  const isOneSided = (at: number): boolean => functions[at]?.fn?.match === 'none';
  const direct = functions[index]?.fn?.neighbours ?? [];
  const beside = direct.flatMap((at) => functions[at]?.fn?.neighbours ?? []).filter((at) => isOneSided(index) || isOneSided(at));
  return [...new Set([...direct, ...beside])].filter((at) => at !== index);
}
