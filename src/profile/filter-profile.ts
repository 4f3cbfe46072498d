import { Profile, type Sample } from 'pprof-format';
import type { Numeric } from './numeric.ts';

export interface ProfileFilter {
  /** Keeps samples with at least one frame whose function name or file matches. */
  readonly focus?: RegExp | undefined;
  /** Keeps samples that carry, for every key given, one of the values given for it. Numbers compare as decimals. */
  readonly labels?: readonly LabelMatch[] | undefined;
}

export interface LabelMatch { readonly key: string; readonly value: string }

/** The samples that pass the filter, in order. Tables and strings are shared with the input, not copied. */
export function filterProfile(profile: Profile, filter: ProfileFilter): Profile {
  const tests: ((sample: Sample) => boolean)[] = [];
  if (filter.labels !== undefined && filter.labels.length > 0) tests.push(labelTest(profile, filter.labels));
  if (filter.focus !== undefined) tests.push(focusTest(profile, filter.focus));
  const sample = profile.sample.filter((candidate) => tests.every((passes) => passes(candidate)));
  return new Profile({ ...profile, sample });
}

function focusTest(profile: Profile, focus: RegExp): (sample: Sample) => boolean {
  // A global or sticky expression would remember where its last match ended.
  const expression = new RegExp(focus.source, focus.flags.replace(/[gy]/g, ''));
  const { strings } = profile.stringTable;
  const matchesString = (index: Numeric): boolean => expression.test(strings[Number(index)] ?? '');
  const functions = new Set<Numeric>();
  for (const fn of profile.function) {
    if (matchesString(fn.name) || matchesString(fn.filename)) functions.add(fn.id);
  }
  const locations = new Set<Numeric>();
  for (const location of profile.location) {
    if (location.line.some((line) => functions.has(line.functionId))) locations.add(location.id);
  }
  return (sample) => sample.locationId.some((id) => locations.has(id));
}

function labelTest(profile: Profile, labels: readonly LabelMatch[]): (sample: Sample) => boolean {
  const { strings } = profile.stringTable;
  const wanted = new Map<string, Set<string>>();
  for (const { key, value } of labels) wanted.set(key, (wanted.get(key) ?? new Set()).add(value));
  return (sample) => {
    const missing = new Set(wanted.keys());
    for (const label of sample.label) {
      const key = strings[Number(label.key)] ?? '';
      const value = label.str !== 0 ? strings[Number(label.str)] ?? '' : String(label.num);
      if (wanted.get(key)?.has(value) === true) missing.delete(key);
    }
    return missing.size === 0;
  };
}
