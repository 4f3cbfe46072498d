import { Profile } from 'pprof-format';
import { mergeSampleTypes, type SampleTypeMerge } from './merge-sample-types.ts';
import { MergedTables, type SourceTables } from './merged-tables.ts';
import { addNumeric, normalizeNumeric, subtractNumeric, type Numeric } from './numeric.ts';
import { ProfileError } from './profile-error.ts';
import { SampleMerger, type MergedLabel } from './sample-merger.ts';

/**
 * Merges profiles, for example those of the processes of one command, into one. Inputs are left alone.
 * - Samples with equal stack and labels are added up; all-zero samples and table entries nobody uses are dropped.
 * - Sample types are matched by (type, unit): the union, in the order of the first profile. A profile adds nothing to
 *   a type it lacks. One that shares no type with the first: ProfileError `HOTSPAN_ERR_PROFILE_MISMATCH`.
 * - `timeNanos` is the earliest. `durationNanos` is the time covered by at least one profile: processes that overlap
 *   count once, consecutive files of one process add up, gaps between them do not count.
 * - Comments are unique; period, default sample type and URL come from the first profile that has one.
 *
 * Time and memory are linear in the size of the input.
 */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  const [first] = profiles;
  if (first === undefined) throw new ProfileError('HOTSPAN_ERR_PROFILE_EMPTY', 'no profiles to merge');
  const types = mergeSampleTypes(profiles);
  const tables = new MergedTables();
  const samples = new SampleMerger(types.names.length);
  for (const [index, profile] of profiles.entries()) {
    const source = tables.source(profile);
    for (const sample of profile.sample) {
      if (sample.value.every((value) => value == 0)) continue;
      const stack = sample.locationId.map((id) => source.location(id));
      samples.add(stack, labelsOf(sample.label, source), sample.value, types.positions[index] ?? []);
    }
  }
  return new Profile({
    ...mergeHeaders(profiles, types, tables),
    sample: samples.samples,
    mapping: tables.mappings,
    location: tables.locations,
    function: tables.functions,
    stringTable: tables.strings,
  });
}

function labelsOf(labels: Profile['sample'][number]['label'], source: SourceTables): MergedLabel[] {
  const merged = labels.map((label) => ({
    key: source.string(label.key),
    str: source.string(label.str),
    num: normalizeNumeric(label.num),
    numUnit: source.string(label.numUnit),
  }));
  // Order carries no meaning, so it must not keep equal samples apart.
  return merged.length < 2 ? merged : merged.sort((a, b) => a.key - b.key || a.str - b.str || Number(a.num) - Number(b.num));
}

function mergeHeaders(profiles: readonly Profile[], types: SampleTypeMerge, tables: MergedTables) {
  const comments = new Set<number>();
  for (const profile of profiles) {
    for (const index of profile.comment) comments.add(tables.text(textOf(profile, index)));
  }
  const firstText = (pick: (profile: Profile) => Numeric): number =>
    tables.text(profiles.map((profile) => textOf(profile, pick(profile))).find((text) => text !== '') ?? '');
  const [typed] = profiles.filter((profile) => profile.periodType !== undefined);
  return {
    sampleType: types.names.map(({ type, unit }) => ({ type: tables.text(type), unit: tables.text(unit) })),
    ...coveredTime(profiles),
    ...(typed?.periodType === undefined ? {} : {
      periodType: {
        type: tables.text(textOf(typed, typed.periodType.type)),
        unit: tables.text(textOf(typed, typed.periodType.unit)),
      },
    }),
    period: typed?.period ?? 0,
    comment: [...comments],
    defaultSampleType: firstText((profile) => profile.defaultSampleType),
    dropFrames: firstText((profile) => profile.dropFrames),
    keepFrames: firstText((profile) => profile.keepFrames),
    docUrl: firstText((profile) => profile.docUrl),
  };
}

/** Earliest start, and the length of the union of all [start, start + duration). */
function coveredTime(profiles: readonly Profile[]): { timeNanos: Numeric; durationNanos: Numeric } {
  const known = profiles.filter((profile) => profile.timeNanos != 0);
  const earliest = known.reduce<Numeric>((least, { timeNanos }) => (least == 0 || timeNanos < least ? timeNanos : least), 0);
  const spans = profiles
    .map(({ timeNanos, durationNanos }) => {
      // A profile without a time is taken to start with the others.
      const start = timeNanos == 0 ? 0 : subtractNumeric(timeNanos, earliest);
      return { start, end: addNumeric(start, durationNanos) };
    })
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  let covered: Numeric = 0;
  let reached: Numeric = 0;
  for (const { start, end } of spans) {
    if (end <= reached) continue;
    covered = addNumeric(covered, subtractNumeric(end, start > reached ? start : reached));
    reached = end;
  }
  return { timeNanos: earliest, durationNanos: covered };
}

function textOf(profile: Profile, index: Numeric): string {
  return profile.stringTable.strings[Number(index)] ?? '';
}
