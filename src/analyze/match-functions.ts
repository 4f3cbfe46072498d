import type { FunctionCost, SideCosts } from './side-costs.ts';
import { sum } from './sum.ts';

/** One function of the program as it is in base and in head; one side is empty for what is only in the other. */
export interface FunctionPair {
  readonly base: readonly FunctionCost[];
  readonly head: readonly FunctionCost[];
  /**
   * How the two were found to be one: `same` name and file; `moved` to another file; `renamed` in its file, or both,
   * because it is called from the same places, calls the same functions and costs alike. `none`: only on one side.
   */
  readonly match: 'same' | 'moved' | 'renamed' | 'none';
}

/** Below this two functions are not taken for one. */
const leastLikeness = 0.6;
/** Functions cheaper than this share of their side's total are not searched for under another name. */
const leastShare = 0.0005;

/**
 * Pairs the functions of two sides. Equal name and file first; functions of equal name in one file (such as
 * `<anonymous>`) in the order of their lines, or all together where their number differs. Then equal names in
 * different files, then the likeness of callers, callees, lines and cost.
 */
export function matchFunctions(base: SideCosts, head: SideCosts): FunctionPair[] {
  const pairs: FunctionPair[] = [];
  const matched = new Map<FunctionCost, FunctionPair>();
  const add = (pair: FunctionPair): void => {
    pairs.push(pair);
    for (const cost of [...pair.base, ...pair.head]) matched.set(cost, pair);
  };
  const baseByKey = groupBy(base.functions, nameAndFile);
  for (const [key, heads] of groupBy(head.functions, nameAndFile)) {
    const bases = baseByKey.get(key);
    if (bases !== undefined) pairInOrder(bases, heads).forEach(add);
  }
  const left = (side: SideCosts): FunctionCost[] => side.functions.filter((cost) => !matched.has(cost));
  const headsByName = groupBy(left(head), ({ name }) => name);
  for (const [name, bases] of groupBy(left(base), (cost) => cost.name)) {
    const heads = headsByName.get(name) ?? [];
    const [from] = bases;
    const [to] = heads;
    // An anonymous function's name says nothing; a name that is there twice does not say which.
    if (bases.length !== 1 || heads.length !== 1 || from === undefined || to === undefined || isAnonymous(name)) continue;
    if (from.file === '' || to.file === '') continue;
    add({ base: bases, head: heads, match: 'moved' });
  }
  for (const [from, to] of mostAlike(worth(left(base), base), worth(left(head), head), base, head, matched)) {
    add({ base: [from], head: [to], match: 'renamed' });
  }
  for (const cost of left(base)) add({ base: [cost], head: [], match: 'none' });
  for (const cost of left(head)) add({ base: [], head: [cost], match: 'none' });
  return pairs;
}

function pairInOrder(bases: readonly FunctionCost[], heads: readonly FunctionCost[]): FunctionPair[] {
  if (bases.length !== heads.length) return [{ base: bases, head: heads, match: 'same' }];
  const inOrder = (costs: readonly FunctionCost[]): FunctionCost[] => costs.toSorted((a, b) => a.startLine - b.startLine);
  const ordered = inOrder(heads);
  return inOrder(bases).map((cost, i) => {
    const other = ordered[i];
    return { base: [cost], head: other === undefined ? [] : [other], match: 'same' };
  });
}

/** The pairs of which each is the other's best, most alike first. */
function mostAlike(
  bases: readonly FunctionCost[],
  heads: readonly FunctionCost[],
  base: SideCosts,
  head: SideCosts,
  matched: ReadonlyMap<FunctionCost, FunctionPair>,
): [FunctionCost, FunctionCost][] {
  const features = (cost: FunctionCost, side: SideCosts): Features => featuresOf(cost, side, matched);
  const baseFeatures = new Map(bases.map((cost) => [cost, features(cost, base)]));
  const headFeatures = new Map(heads.map((cost) => [cost, features(cost, head)]));
  const candidates: { from: FunctionCost; to: FunctionCost; score: number }[] = [];
  for (const [from, a] of baseFeatures) {
    for (const [to, b] of headFeatures) {
      const score = likeness(from, a, to, b);
      if (score >= leastLikeness) candidates.push({ from, to, score });
    }
  }
  candidates.sort((a, b) => b.score - a.score);
  const taken = new Set<FunctionCost>();
  return candidates.flatMap(({ from, to }): [FunctionCost, FunctionCost][] => {
    if (taken.has(from) || taken.has(to)) return [];
    taken.add(from).add(to);
    return [[from, to]];
  });
}

interface Features {
  /** Share of its cost from each caller and in each callee, under names that mean the same on both sides. */
  readonly callers: ReadonlyMap<unknown, number>;
  readonly callees: ReadonlyMap<unknown, number>;
  /** Share of its own cost by line, counted from the function's beginning. */
  readonly lines: ReadonlyMap<unknown, number>;
  /** Of its side's total. */
  readonly flatShare: number;
  readonly cumShare: number;
}

function featuresOf(cost: FunctionCost, side: SideCosts, matched: ReadonlyMap<FunctionCost, FunctionPair>): Features {
  const total = Math.max(1, sum(side.totals));
  const neutral = (other: FunctionCost): unknown => matched.get(other) ?? 'unmatched';
  const callees = new Map<unknown, number>();
  for (const other of side.functions) {
    const value = other.callers.get(cost);
    if (value !== undefined) callees.set(neutral(other), (callees.get(neutral(other)) ?? 0) + value);
  }
  callees.set('itself', sum(cost.flat));
  const callers = new Map<unknown, number>();
  for (const [other, value] of cost.callers) callers.set(neutral(other), (callers.get(neutral(other)) ?? 0) + value);
  if (callers.size === 0) callers.set('root', 1);
  return {
    callers: normalized(callers),
    callees: normalized(callees),
    lines: normalized(new Map([...cost.lines].map(([line, { flat }]) => [line - cost.startLine, flat]))),
    flatShare: sum(cost.flat) / total,
    cumShare: sum(cost.cum) / total,
  };
}

/** 0 to 1. Callers and callees weigh most: a renamed function keeps them, an unrelated one rarely has both. */
function likeness(from: FunctionCost, a: Features, to: FunctionCost, b: Features): number {
  if ((from.file === '') !== (to.file === '')) return 0;
  const file = from.file === to.file ? 1 : 0;
  const ratio = (x: number, y: number): number => (Math.max(x, y) === 0 ? 1 : Math.min(x, y) / Math.max(x, y));
  return 0.3 * overlap(a.callers, b.callers) + 0.25 * overlap(a.callees, b.callees) + 0.15 * overlap(a.lines, b.lines)
    + 0.15 * ratio(a.flatShare, b.flatShare) + 0.05 * ratio(a.cumShare, b.cumShare) + 0.1 * file;
}

/** How much of two distributions is common: 1 when they are equal. */
function overlap(a: ReadonlyMap<unknown, number>, b: ReadonlyMap<unknown, number>): number {
  let common = 0;
  for (const [key, share] of a) common += Math.min(share, b.get(key) ?? 0);
  return common;
}

function normalized(weights: ReadonlyMap<unknown, number>): Map<unknown, number> {
  const total = sum([...weights.values()]);
  return new Map([...weights].map(([key, value]) => [key, total === 0 ? 0 : value / total]));
}

function worth(costs: readonly FunctionCost[], side: SideCosts): FunctionCost[] {
  const least = sum(side.totals) * leastShare;
  return costs.filter(({ cum }) => sum(cum) >= least);
}

function nameAndFile({ name, file }: FunctionCost): string {
  return JSON.stringify([name, file]);
}

function isAnonymous(name: string): boolean {
  return name === '' || /^[<(]anonymous[>)]$/.test(name);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
