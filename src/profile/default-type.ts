import { decodeProfile } from './decode-profile.ts';
import { gzipProfile } from './encode-profile.ts';

/** The same profile (gzip pprof) with another sample type as the one that viewers show first. */
export async function withDefaultType(bytes: Uint8Array, type: string): Promise<Uint8Array> {
  const profile = decodeProfile(bytes);
  profile.defaultSampleType = profile.stringTable.dedup(type);
  return gzipProfile(profile);
}
