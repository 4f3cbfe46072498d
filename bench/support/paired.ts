import { runChild, variantChild } from './child.ts';
import { withDirectory } from './profile-directory.ts';
import type { BenchContext } from './scenario.ts';
import { median } from './statistics.ts';
import type { Variant } from './variants.ts';

/** See bench/programs/workloads.mjs. */
export type Workload = 'rate' | 'depth' | 'stacks' | 'liveSpans' | 'functions' | 'compiled' | 'spansCreated' | 'ownLabels' | 'allocating' | 'parsing';

export interface PairedSettings {
  readonly workload: Workload;
  readonly levels: readonly number[];
  readonly repetitions: number;
  /** About the CPU time of one piece of work, unless the level tells its size. */
  readonly workMs: number;
  readonly rateHz: number;
  /** Samples allocations, one for each so many bytes, in place of CPU. */
  readonly intervalBytes?: number;
}

/** What a profiler added to one level of a workload: medians over the repetitions of one process. */
export interface Added {
  /** CPU of all threads, percent of the same work without. */
  readonly percent: number;
  /** How much longer it took, percent of the same work without. */
  readonly timePercent: number;
  /** CPU of all threads above the same work without. */
  readonly ms: number;
  /** Of each wall second. */
  readonly msPerSecond: number;
  readonly startMs: number;
  /** Of the thread's time, what hotspan itself used of it by its own clocks; 0 for others. */
  readonly ownPercent: number;
}

interface Pair {
  readonly offMs: number;
  readonly onMs: number;
  readonly offWallMs: number;
  readonly wallMs: number;
  readonly startMs: number;
  readonly ownMs: number;
}

/** Runs the pairs of one variant in a process of its own. */
export function measurePairs({ node, random }: BenchContext, variant: Variant, settings: PairedSettings): Promise<ReadonlyMap<number, Added>> {
  return withDirectory(async (directory) => {
    const seed = Math.floor(random() * 2 ** 32);
    const { results } = await runChild(variantChild(variant, { node: node.path, program: 'paired.mjs', settings: { ...settings, seed, directory } }));
    return new Map((results as [number, Pair[]][]).map(([level, pairs]) => [level, addedIn(pairs)]));
  });
}

function addedIn(pairs: readonly Pair[]): Added {
  const of = (pick: (pair: Pair) => number): number => median(pairs.map(pick));
  return {
    percent: of(({ offMs, onMs }) => 100 * (onMs / offMs - 1)),
    timePercent: of(({ offWallMs, wallMs }) => 100 * (wallMs / offWallMs - 1)),
    ms: of(({ offMs, onMs }) => onMs - offMs),
    msPerSecond: of(({ offMs, onMs, wallMs }) => (1000 * (onMs - offMs)) / wallMs),
    startMs: of(({ startMs }) => startMs),
    ownPercent: of(({ ownMs, wallMs }) => (100 * ownMs) / wallMs),
  };
}
