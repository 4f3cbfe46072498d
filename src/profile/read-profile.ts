import { readFile } from 'node:fs/promises';
import type { Profile } from 'pprof-format';
import { decodeProfile } from './decode-profile.ts';
import { ProfileError } from './profile-error.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

/**
 * Reads a `.pb.gz` or `.pb` file.
 * Throws ProfileError naming the path and the reason: `HOTSPAN_ERR_PROFILE_UNREADABLE` when the file cannot be read,
 * else the code of decodeProfile.
 */
export async function readProfile(path: string): Promise<Profile> {
  const bytes = await readBytes(path);
  try {
    return decodeProfile(bytes);
  } catch (cause) {
    if (!(cause instanceof ProfileError)) throw cause;
    throw new ProfileError(cause.code, `cannot read profile ${path}: ${cause.message}`, { cause });
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = reasons[code ?? ''] ?? message;
    throw new ProfileError('HOTSPAN_ERR_PROFILE_UNREADABLE', `cannot read profile ${path}: ${reason}`, { cause });
  }
}
