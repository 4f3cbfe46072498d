import { runChild, variantChild } from './child.ts';
import { withDirectory } from './profile-directory.ts';
import type { BenchContext } from './scenario.ts';
import { median, trimmedMean } from './statistics.ts';
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
  /**
   * In how many equal slices a piece of work is timed: see `Added.undisturbedPercent`.
   * @default 1
   */
  readonly slices?: number;
  /**
   * How long the work runs before it is measured, in each half of a pair.
   * @default 100
   */
  readonly settleMs?: number;
  /** Samples allocations, one for each so many bytes, in place of CPU. */
  readonly intervalBytes?: number;
}

/** What a profiler added to one level of a workload: medians over the repetitions of one process, unless said otherwise. */
export interface Added {
  /** CPU of all threads, percent of the same work without. */
  readonly percent: number;
  /** How much longer it took, percent of the same work without. */
  readonly timePercent: number;
  /**
   * The same by the slices of all halves, without the tenth of them at each end. On a shared machine the longest are those
   * that it took the processor from, which tells nothing of the profiler and hides what it costs.
   */
  readonly undisturbedPercent: number;
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
  readonly offSliceMs: readonly number[];
  readonly sliceMs: readonly number[];
}

const trimmedShare = 0.1;

/** Runs the pairs of one variant in a process of its own. */
export function measurePairs({ node, random }: BenchContext, variant: Variant, settings: PairedSettings): Promise<ReadonlyMap<number, Added>> {
  return withDirectory(async (directory) => {
    const seed = Math.floor(random() * 2 ** 32);
    const { results } = await runChild(variantChild(variant, { node: node.path, program: 'paired.mjs', settings: { ...settings, seed, directory }, timeoutMs: 600_000 }));
    return new Map((results as [number, Pair[]][]).map(([level, pairs]) => [level, addedIn(pairs)]));
  });
}

function addedIn(pairs: readonly Pair[]): Added {
  const of = (pick: (pair: Pair) => number): number => median(pairs.map(pick));
  const slices = (pick: (pair: Pair) => readonly number[]): number => trimmedMean(pairs.flatMap(pick), trimmedShare);
  return {
    percent: of(({ offMs, onMs }) => 100 * (onMs / offMs - 1)),
    timePercent: of(({ offWallMs, wallMs }) => 100 * (wallMs / offWallMs - 1)),
    undisturbedPercent: 100 * (slices(({ sliceMs }) => sliceMs) / slices(({ offSliceMs }) => offSliceMs) - 1),
    ms: of(({ offMs, onMs }) => onMs - offMs),
    msPerSecond: of(({ offMs, onMs, wallMs }) => (1000 * (onMs - offMs)) / wallMs),
    startMs: of(({ startMs }) => startMs),
    ownPercent: of(({ ownMs, wallMs }) => (100 * ownMs) / wallMs),
  };
}
