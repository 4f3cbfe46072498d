import type { Profile } from 'pprof-format';
import { ProfileError } from './profile-error.ts';

export interface SampleTypeName { readonly type: string; readonly unit: string }

export interface SampleTypeMerge {
  readonly names: readonly SampleTypeName[];
  /** For each profile, for each of its values: the position of that value in the merged sample. */
  readonly positions: readonly (readonly number[])[];
}

/** The sample types of a profile as text, in order. */
export function sampleTypeNames(profile: Profile): SampleTypeName[] {
  const { strings } = profile.stringTable;
  return profile.sampleType.map(({ type, unit }) => ({
    type: strings[Number(type)] ?? '',
    unit: strings[Number(unit)] ?? '',
  }));
}

/** Union of the sample types; throws ProfileError when a profile has none in common with the first. */
export function mergeSampleTypes(profiles: readonly Profile[]): SampleTypeMerge {
  const names: SampleTypeName[] = [];
  const byKey = new Map<string, number>();
  let firstCount = 0;
  const positions = profiles.map((profile, index) => {
    const own = sampleTypeNames(profile).map((name) => {
      const key = JSON.stringify([name.type, name.unit]);
      const position = byKey.get(key) ?? names.push(name) - 1;
      byKey.set(key, position);
      return position;
    });
    if (index === 0) firstCount = names.length;
    else if (!own.some((position) => position < firstCount)) throw mismatch(profiles[0], profile);
    return own;
  });
  return { names, positions };
}

function mismatch(first: Profile | undefined, other: Profile): ProfileError {
  const list = (profile: Profile): string =>
    sampleTypeNames(profile).map(({ type, unit }) => `${type}/${unit}`).join(', ') || 'nothing';
  return new ProfileError(
    'HOTSPAN_ERR_PROFILE_MISMATCH',
    `profiles of different kinds cannot be merged: one has ${first === undefined ? 'nothing' : list(first)}, another ${list(other)}`,
  );
}
