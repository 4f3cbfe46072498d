import type { Profile } from 'pprof-format';
import { sampleTypeNames } from '../profile/merge-sample-types.ts';
import { fewestRuns } from './find-regressions.ts';
import { median } from './rank-test.ts';
import type { Measurement } from './run-costs.ts';

/** A function of this share is what the figures are told for. */
const exampleShare = 0.05;
/** Standard deviations between base and head that both looks see in nine of ten cases. */
const deviationsNeeded = 4.3;

/** One line for each reason why a slower function could be overlooked, and what to do about it. */
export function blindSpots({ base, head }: Measurement, runs: number, failOn: number, functions: number): string[] {
  const warnings: string[] = [];
  const least = fewestRuns(functions);
  if (runs < least) warnings.push(`${runs} runs a side prove nothing among ${functions} functions: --runs ${least} at least`);
  const samples = median([...base, ...head].map(samplesOf));
  const visible = deviationsNeeded * Math.sqrt(2 / runs) / Math.sqrt(exampleShare * Math.max(1, samples));
  // Twice is where a growth of the size asked for is more often missed than seen.
  if (visible > 2 * failOn) {
    warnings.push(`a run has ${Math.round(samples)} samples: a function with 5% of the CPU is seen reliably only from +${Math.round(visible * 100)}% on; `
      + 'make the perf command run longer, or raise --runs or --rate');
  }
  return warnings;
}

function samplesOf(profile: Profile): number {
  const index = sampleTypeNames(profile).findIndex(({ type }) => type === 'samples');
  return profile.sample.reduce((sum, { value }) => sum + Number(value[index] ?? 0), 0);
}
