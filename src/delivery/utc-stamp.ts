/**
 * `20261201T120000`, UTC, for milliseconds since 1970. Not by toISOString(): the first call in a process looks for the
 * time zone, which takes a millisecond.
 */
export function utcStamp(ms: number): string {
  const date = new Date(ms);
  const digits = (...values: number[]): string => values.map((value) => String(value).padStart(2, '0')).join('');
  const day = digits(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
  return `${day}T${digits(date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds())}`;
}
