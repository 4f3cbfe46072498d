import { Profile, StringTable, type Sample, type SampleInput } from 'pprof-format';
import { sampleTypeNames } from '../profile/merge-sample-types.ts';

/** Renames sample types of `profile` in place. */
export function renameSampleTypes(profile: Profile, names: Readonly<Record<string, string>>): void {
  const strings = profile.stringTable;
  for (const type of profile.sampleType) {
    const renamed = names[strings.strings[Number(type.type)] ?? ''];
    if (renamed !== undefined) type.type = strings.dedup(renamed);
  }
}

/** Where the sample types named stand in `profile`; those it lacks are left out. */
export function typePositions(profile: Profile, types: readonly string[]): number[] {
  const names = sampleTypeNames(profile).map(({ type }) => type);
  return types.map((type) => names.indexOf(type)).filter((position) => position >= 0);
}

/**
 * A profile of some of the sample types and samples of another, with the strings, locations, functions and mappings
 * that these use. Samples that are zero in all of its types are left out.
 */
export function subProfile(
  profile: Profile,
  positions: readonly number[],
  samples: readonly Sample[],
  periodType: readonly [type: string, unit: string],
): Profile {
  const stringTable = new StringTable();
  const string = (index: number | bigint): number => stringTable.dedup(profile.stringTable.strings[Number(index)] ?? '');
  const kept = samples.flatMap((sample): SampleInput[] => {
    const value = positions.map((position) => sample.value[position] ?? 0);
    if (value.every((each) => each === 0 || each === 0n)) return [];
    const label = sample.label.map((each) => ({ ...each, key: string(each.key), str: string(each.str), numUnit: string(each.numUnit) }));
    return [{ locationId: sample.locationId, value, label }];
  });
  const locationIds = new Set(kept.flatMap(({ locationId = [] }) => locationId.map(Number)));
  const location = profile.location.filter(({ id }) => locationIds.has(Number(id)));
  const functionIds = new Set(location.flatMap(({ line }) => line.map(({ functionId }) => Number(functionId))));
  const mappingIds = new Set(location.map(({ mappingId }) => Number(mappingId)));
  return new Profile({
    stringTable,
    sampleType: positions.flatMap((position) => profile.sampleType[position] ?? []).map(({ type, unit }) => ({ type: string(type), unit: string(unit) })),
    sample: kept,
    location,
    function: profile.function
      .filter(({ id }) => functionIds.has(Number(id)))
      .map((fn) => ({ ...fn, name: string(fn.name), systemName: string(fn.systemName), filename: string(fn.filename) })),
    mapping: profile.mapping
      .filter(({ id }) => mappingIds.has(Number(id)))
      .map((mapping) => ({ ...mapping, filename: string(mapping.filename), buildId: string(mapping.buildId) })),
    timeNanos: profile.timeNanos,
    durationNanos: profile.durationNanos,
    periodType: { type: stringTable.dedup(periodType[0]), unit: stringTable.dedup(periodType[1]) },
    period: profile.period,
  });
}
