import type { Profile } from 'pprof-format';
import { matchFunctions, type FunctionPair } from '../analyze/match-functions.ts';
import { sideCosts, type FunctionCost } from '../analyze/side-costs.ts';

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

/** The costs of every function that is the program's own, by run. `roots` are the two checkouts. */
export function runCosts({ base, head }: Measurement, roots: readonly string[], type?: string): RunCosts {
  const options = { roots, type, ownCodeOnly: true };
  const before = sideCosts(base, options);
  const after = sideCosts(head, options);
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
  return {
    unit: after.unit,
    functions: pairs.map((pair, index) => functionRuns(pair, [...neighbours[index] ?? []], base.length, head.length)),
    baseTotals: before.totals,
    headTotals: after.totals,
  };
}

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
