import { burnLines, functionOf, type Truth } from '../../test/accuracy/cases.ts';
import { bareName, cpuOf, groupSum, ownerOf, ratio, sumBy, type ProfileView } from '../../test/support/pprof-query.ts';

/** How far a profile is from the truth, in percent. */
export interface AccuracyFigures {
  /** CPU given to the wrong function, or to none, or not at all: the sum over functions, of what truly was used. */
  readonly misattributed: number;
  /** The same of each function's share of all found: what is left when totals are off. Half of the sum of differences. */
  readonly shares: number;
  /** How far the profile's CPU of the thread is from what the kernel counted. */
  readonly total: number;
  /** Of the CPU in functions with a known burning line, what is not on it. */
  readonly offLine: number;
}

/** `profile` of the main thread, `osCpuNs` what the kernel counted for it; `sources` hold the marks of burning lines; without any, `offLine` is NaN. */
export function accuracyFigures(profile: ProfileView, truth: Truth, sources: readonly string[], osCpuNs: number): AccuracyFigures {
  const expected = new Map<string, number>();
  for (const [key, ns] of Object.entries(truth.cpuNs)) expected.set(functionOf(key), (expected.get(functionOf(key)) ?? 0) + ns);
  const names = new Set(expected.keys());
  const nameOf = (sample: ProfileView['samples'][number]): string | undefined => {
    const name = bareName(ownerOf(sample, names)?.name ?? '');
    return names.has(name) ? name : undefined;
  };
  const found = groupSum(profile.samples, nameOf);
  const [allExpected, allFound] = [sum([...expected.values()]), sum([...found.values()])];
  const off = (differenceOf: (name: string, ns: number) => number): number => sum([...expected].map(([name, ns]) => Math.abs(differenceOf(name, ns))));
  return {
    misattributed: 100 * ratio(off((name, ns) => (found.get(name) ?? 0) - ns), allExpected),
    shares: 50 * off((name, ns) => ratio(found.get(name) ?? 0, allFound) - ns / allExpected),
    total: 100 * Math.abs(sumBy(profile.samples, cpuOf) / osCpuNs - 1),
    offLine: sources.length === 0 ? NaN : 100 * offLineShare(profile, truth, sources, names),
  };
}

function offLineShare(profile: ProfileView, truth: Truth, sources: readonly string[], names: ReadonlySet<string>): number {
  const lines = new Map<string, Set<number>>();
  for (const { function: name, line } of burnLines(sources, truth).values()) lines.set(name, (lines.get(name) ?? new Set()).add(line));
  const owned = profile.samples.flatMap((sample) => {
    const owner = ownerOf(sample, names);
    const burning = owner === undefined ? undefined : lines.get(bareName(owner.name));
    return owner === undefined || burning === undefined ? [] : [{ ns: cpuOf(sample), on: burning.has(owner.line) }];
  });
  const all = sum(owned.map(({ ns }) => ns));
  return all === 0 ? 1 : sum(owned.filter(({ on }) => !on).map(({ ns }) => ns)) / all;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
