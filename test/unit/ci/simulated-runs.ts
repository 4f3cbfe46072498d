import type { FunctionRuns, RunCosts } from '../../../src/ci/run-costs.ts';
import { seededRandom } from '../../support/seeded-random.ts';

export interface Simulation {
  readonly seed: number;
  readonly runs: number;
  /** Samples a run: what the noise of sampling depends on. */
  readonly samples: number;
  /** By how much each run differs in speed from the others (standard deviation of its logarithm). */
  readonly machineNoise: number;
  /** The same for each function in each run, on top of sampling. */
  readonly functionNoise: number;
  /** Factor on the cost of functions in head, by name: f0 is the largest, f5 holds 5%. */
  readonly head?: Readonly<Record<string, number>>;
  readonly base?: Readonly<Record<string, number>>;
}

export const functionCount = 40;

/** Shares like those of real programs: few large, many small. f5 holds 5%. */
export const shares: readonly number[] = (() => {
  const raw = Array.from({ length: functionCount }, (_, rank) => 1 / (rank + 2));
  const rest = raw.reduce((sum, share, rank) => (rank === 5 ? sum : sum + share), 0);
  return raw.map((share, rank) => (rank === 5 ? 0.05 : (share / rest) * 0.95));
})();

/** Runs of a program of 40 functions that all are called by `main`, made up without running anything. */
export function simulateRuns(simulation: Simulation): RunCosts {
  const random = seededRandom(simulation.seed * 7919 + 13);
  const side = (factors: Readonly<Record<string, number>> = {}): number[][] =>
    Array.from({ length: simulation.runs }, () => simulateRun(simulation, factors, random));
  const baseRuns = side(simulation.base);
  const headRuns = side(simulation.head);
  const perFunction = (runs: readonly number[][], f: number): number[] => runs.map((run) => run[f] ?? 0);
  const totals = (runs: readonly number[][]): number[] => runs.map((run) => run.reduce((sum, value) => sum + value, 0));
  return {
    unit: 'nanoseconds',
    functions: shares.map((_, f): FunctionRuns => ({
      place: { name: `f${f}`, file: 'program.js', line: 10 * f + 1 },
      was: undefined, match: 'same', mainCaller: undefined, line: 10 * f + 2,
      base: perFunction(baseRuns, f),
      head: perFunction(headRuns, f),
      neighbours: f === 0 ? shares.map((_share, other) => other).slice(1) : [0],
    })),
    baseTotals: totals(baseRuns),
    headTotals: totals(headRuns),
  };
}

/** The runs of two simulations, one after the other. */
export function concatRuns(a: RunCosts, b: RunCosts): RunCosts {
  return {
    ...a,
    functions: a.functions.map((fn, f) => ({ ...fn, base: [...fn.base, ...b.functions[f]!.base], head: [...fn.head, ...b.functions[f]!.head] })),
    baseTotals: [...a.baseTotals, ...b.baseTotals],
    headTotals: [...a.headTotals, ...b.headTotals],
  };
}

function simulateRun({ samples, machineNoise, functionNoise }: Simulation, factors: Readonly<Record<string, number>>, random: () => number): number[] {
  const speed = Math.exp(machineNoise * gaussian(random));
  return shares.map((share, f) => {
    const mean = samples * share * (factors[`f${f}`] ?? 1) * Math.exp(functionNoise * gaussian(random));
    return Math.max(0, mean + Math.sqrt(mean) * gaussian(random)) * speed * 1e6;
  });
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
