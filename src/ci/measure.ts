import type { Profile } from 'pprof-format';
import { findSuspects, judge, type Limits, type Verdict } from './find-regressions.ts';
import { runCosts, type Measurement } from './run-costs.ts';

export type Side = 'base' | 'head';

export interface MeasureOptions extends Limits {
  /** Runs a side in the first look, and again in the second. */
  readonly runs: number;
  /** The two checkouts, cut off file names. */
  readonly roots: readonly string[];
  /** Runs the perf command once on one side and resolves to its profile. */
  readonly runOnce: (side: Side) => Promise<Profile>;
  readonly onProgress?: ((state: { readonly done: number; readonly of: number; readonly side: Side; readonly suspects: number }) => void) | undefined;
}

export interface Measured {
  readonly verdict: Verdict;
  readonly measurement: Measurement;
  /** Whether a second look was needed. */
  readonly looks: 1 | 2;
}

/**
 * Runs base and head alternately, and once more as often when something looks slower; then judges. What drifts on the
 * machine meets both sides alike, and nothing is called a regression that was not seen in two separate looks.
 */
export async function measure(options: MeasureOptions): Promise<Measured> {
  const { runs, roots } = options;
  const measurement = { base: [] as Profile[], head: [] as Profile[] };
  const look = async (suspects: number): Promise<void> => {
    const already = measurement.base.length;
    for (let done = 0; done < 2 * runs; done++) {
      const side = done % 2 === 0 ? 'base' : 'head';
      options.onProgress?.({ done: 2 * already + done, of: 2 * (already + runs), side, suspects });
      measurement[side].push(await options.runOnce(side));
    }
  };
  // One run of each that does not count: caches of files and code are cold only for the first.
  await options.runOnce('base');
  await options.runOnce('head');
  await look(0);
  const first = runCosts(measurement, roots);
  const suspects = findSuspects(first, options);
  if (suspects.length === 0) return { verdict: judge(first, runs, suspects, options), measurement, looks: 1 };
  await look(suspects.length);
  return { verdict: judge(runCosts(measurement, roots), runs, suspects, options), measurement, looks: 2 };
}
