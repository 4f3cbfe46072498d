import type { Profile } from 'pprof-format';
import { sampleTypeNames } from '../profile/merge-sample-types.ts';
import { ProfileError } from '../profile/profile-error.ts';

export interface SelectedSampleType {
  /** Position in `sampleType` and in every sample's values. */
  readonly index: number;
  readonly type: string;
  readonly unit: string;
}

/**
 * The sample type of that name; without a name the profile's default, else its last one, as `go tool pprof` does.
 * Throws ProfileError `HOTSPAN_ERR_PROFILE_TYPE` naming the types there are.
 */
export function selectSampleType(profile: Profile, type?: string): SelectedSampleType {
  const names = sampleTypeNames(profile);
  const defaultType = profile.stringTable.strings[Number(profile.defaultSampleType)] ?? '';
  const named = names.findIndex((name) => name.type === (type ?? defaultType));
  const index = named < 0 && type === undefined ? names.length - 1 : named;
  const found = names[index];
  if (found === undefined) {
    const present = names.map((name) => name.type).join(', ') || 'none';
    throw new ProfileError(
      'HOTSPAN_ERR_PROFILE_TYPE',
      type === undefined ? 'the profile has no sample types' : `no sample type '${type}'; this profile has: ${present}`,
    );
  }
  return { index, type: found.type, unit: found.unit };
}
