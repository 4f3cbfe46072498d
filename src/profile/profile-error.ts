/**
 * What is wrong with a profile. The codes are stable; messages are for people.
 * - `HOTSPAN_ERR_PROFILE_EMPTY`: no bytes at all
 * - `HOTSPAN_ERR_PROFILE_CORRUPT`: not gzip, not protobuf, truncated, or references that lead nowhere
 * - `HOTSPAN_ERR_PROFILE_UNREADABLE`: the file itself cannot be read
 * - `HOTSPAN_ERR_PROFILE_MISMATCH`: profiles that have no sample type in common cannot be merged
 * - `HOTSPAN_ERR_PROFILE_TYPE`: a sample type was asked for that the profile does not have
 */
export type ProfileErrorCode =
  | 'HOTSPAN_ERR_PROFILE_EMPTY'
  | 'HOTSPAN_ERR_PROFILE_CORRUPT'
  | 'HOTSPAN_ERR_PROFILE_UNREADABLE'
  | 'HOTSPAN_ERR_PROFILE_MISMATCH'
  | 'HOTSPAN_ERR_PROFILE_TYPE';

/** The only error thrown by this folder. `message` is one line. */
export class ProfileError extends Error {
  readonly code: ProfileErrorCode;

  constructor(code: ProfileErrorCode, message: string, options?: ErrorOptions) {
    super(message.replace(/\s*[\r\n]+\s*/g, ' '), options);
    this.name = 'ProfileError';
    this.code = code;
  }
}
