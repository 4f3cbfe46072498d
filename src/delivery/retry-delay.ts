const firstMs = 1000;
const longestMs = 5 * 60_000;

/** A receiver that asks for more with Retry-After is asked again after this long all the same. */
export const longestAskedMs = 60 * 60_000;

/**
 * How long to wait after a failed attempt: 1 s, 2 s, 4 s and so on to 5 minutes, each less up to half of it at
 * random, so that many processes do not come back at once.
 *
 * @param failures failed attempts before this one, without a success in between
 * @param random 0 to 1
 */
export function retryDelayMs(failures: number, random = Math.random()): number {
  const exponentialMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 20));
  return exponentialMs * (0.5 + random / 2);
}
