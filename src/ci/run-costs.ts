import type { Profile } from 'pprof-format';
import { matchFunctions, type FunctionPair } from '../analyze/match-functions.ts';
import { sideCosts, type FunctionCost, type SideCosts } from '../analyze/side-costs.ts';
import { sum } from '../analyze/sum.ts';

export interface Place { readonly name: string; readonly file: string; readonly line: number }

/** What one function cost in each run of both sides. */
export interface FunctionRuns {
  /** In head; in base when head has no such function. */
  readonly place: Place;
  /** In base, when it had another name or file there. */
  readonly was: Place | undefined;
  readonly match: FunctionPair['match'];
  /** Own cost per run: the function itself and the builtins, native code and Node modules it called. */
  readonly base: readonly number[];
  readonly head: readonly number[];
  /** Positions in the list of the functions that call this one, on either side, and that it calls. */
  readonly neighbours: readonly number[];
  /** The caller under which it costs most in head, if it has one. */
  readonly mainCaller: Place | undefined;
  /** The line whose own cost grew most; that of `place` when none is known. */
  readonly line: number;
}

export interface RunCosts {
  readonly unit: string;
  readonly functions: readonly FunctionRuns[];
  /** The whole run's cost. */
  readonly baseTotals: readonly number[];
  readonly headTotals: readonly number[];
}

export interface Measurement { readonly base: readonly Profile[]; readonly head: readonly Profile[] }

/**
 * The costs of every function that is the program's own, by run. `roots` are the two checkouts.
 *
 * How often a function was met says where a run's CPU time went, not the sum of its samples' CPU times: on a busy
 * machine the sampler itself waits, and single samples then stand for milliseconds. Measured on two processors under a
 * load of 13, a function of 3% varied by 3.5% from run to run by count, what chance makes of so many samples, and by
 * 19% by time. What a sample of a function is worth in CPU time is taken from all runs of both sides together.
 */
export function runCosts({ base, head }: Measurement, roots: readonly string[]): RunCosts {
  const of = (profiles: readonly Profile[], type: string): SideCosts => sideCosts(profiles, { roots, type, ownCodeOnly: true });
  const [before, after] = [of(base, 'samples'), of(head, 'samples')];
  const [baseCpu, headCpu] = [of(base, 'cpu'), of(head, 'cpu')];
  const cpuOf = new Map([...baseCpu.functions, ...headCpu.functions].map((cost) => [keyOf(cost), 0]));
  for (const cost of [...baseCpu.functions, ...headCpu.functions]) cpuOf.set(keyOf(cost), (cpuOf.get(keyOf(cost)) ?? 0) + sum(cost.flat));
  const pairs = matchFunctions(before, after);
  const positions = new Map<FunctionCost, number>();
  for (const [index, pair] of pairs.entries()) for (const cost of [...pair.base, ...pair.head]) positions.set(cost, index);
  const neighbours = pairs.map(() => new Set<number>());
  for (const [index, pair] of pairs.entries()) {
    for (const caller of [...pair.base, ...pair.head].flatMap((cost) => [...cost.callers.keys()])) {
      const other = positions.get(caller);
      if (other === undefined || other === index) continue;
      neighbours[index]?.add(other);
      neighbours[other]?.add(index);
    }
  }
  const functions = pairs.map((pair, index) => functionRuns(pair, [...neighbours[index] ?? []], base.length, head.length));
  const worth = pairs.map((pair) => {
    const costs = [...pair.base, ...pair.head];
    const samples = sum(costs.map(({ flat }) => sum(flat)));
    const keys = new Set(costs.map(keyOf));
    return samples === 0 ? 0 : sum([...keys].map((key) => cpuOf.get(key) ?? 0)) / samples;
  });
  // Each run's parts add up to what the thread's clock said of it.
  const scale = (side: 'base' | 'head', totals: readonly number[]): number[] => totals.map((total, run) => {
    const parts = sum(functions.map((fn, index) => (fn[side][run] ?? 0) * (worth[index] ?? 0)));
    return parts === 0 ? 0 : total / parts;
  });
  const scales = { base: scale('base', baseCpu.totals), head: scale('head', headCpu.totals) };
  const inCpu = (values: readonly number[], index: number, side: 'base' | 'head'): number[] =>
    values.map((value, run) => value * (worth[index] ?? 0) * (scales[side][run] ?? 0));
  return {
    unit: headCpu.unit,
    functions: functions.map((fn, index) => ({ ...fn, base: inCpu(fn.base, index, 'base'), head: inCpu(fn.head, index, 'head') })),
    baseTotals: baseCpu.totals,
    headTotals: headCpu.totals,
  };
}

function keyOf({ name, file, startLine }: FunctionCost): string {
  return JSON.stringify([name, file, startLine]);
}

/** By counts of samples. */
function functionRuns(pair: FunctionPair, neighbours: readonly number[], baseRuns: number, headRuns: number): FunctionRuns {
  const [from] = pair.base;
  const [to] = pair.head;
  const now = to ?? from;
  const place = placeOf(now);
  const was = from !== undefined && to !== undefined && (from.name !== to.name || from.file !== to.file) ? placeOf(from) : undefined;
  const perRun = (costs: readonly FunctionCost[], runs: number): number[] =>
    Array.from({ length: runs }, (_, run) => costs.reduce((all, cost) => all + (cost.flat[run] ?? 0), 0));
  return {
    place,
    was,
    match: pair.match,
    base: perRun(pair.base, baseRuns),
    head: perRun(pair.head, headRuns),
    neighbours,
    mainCaller: mainCaller(pair.head),
    line: grownLine(pair, baseRuns, headRuns) ?? place.line,
  };
}

function placeOf(cost: FunctionCost | undefined): Place {
  return { name: cost?.name ?? '', file: cost?.file ?? '', line: cost?.startLine ?? 0 };
}

function mainCaller(costs: readonly FunctionCost[]): Place | undefined {
  const callers = costs.flatMap((cost) => [...cost.callers]).sort(([, a], [, b]) => b - a);
  const [first] = callers;
  return first === undefined ? undefined : placeOf(first[0]);
}

/** Lines are compared by their distance from the beginning of the function. */
function grownLine({ base, head }: FunctionPair, baseRuns: number, headRuns: number): number | undefined {
  const growth = new Map<number, { line: number; value: number }>();
  const add = (cost: FunctionCost, weight: number): void => {
    for (const [line, { flat }] of cost.lines) {
      if (line === 0) continue;
      const at = growth.get(line - cost.startLine) ?? { line: 0, value: 0 };
      growth.set(line - cost.startLine, { line: weight > 0 ? line : at.line, value: at.value + flat * weight });
    }
  };
  for (const cost of base) add(cost, -1 / Math.max(1, baseRuns));
  for (const cost of head) add(cost, 1 / Math.max(1, headRuns));
  const [most] = [...growth.values()].filter(({ line }) => line > 0).sort((a, b) => b.value - a.value);
  return most?.line;
}
