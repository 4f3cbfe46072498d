import type { Profile } from 'pprof-format';
import { gzip, gzipSync } from './gzip.ts';

/** The profile as uncompressed pprof protobuf. `go tool pprof` reads it as it is. */
export function encodeProfile(profile: Profile): Uint8Array {
  return profile.encode();
}

/** The profile as a `.pb.gz` file's content; compression runs off the JS thread. */
export function gzipProfile(profile: Profile): Promise<Uint8Array> {
  return gzip(encodeProfile(profile));
}

/** Like gzipProfile, blocking: for process exit only. */
export function gzipProfileSync(profile: Profile): Uint8Array {
  return gzipSync(encodeProfile(profile));
}
