import assert from 'node:assert/strict';

/** What a worker's own thread clock showed at its end. */
export interface WorkerTruth {
  threadId: number;
  /** CPU time since the first line of its own code. */
  sinceEntryNs: number;
  /** CPU time since its thread was started: Node's bootstrap and preloaded modules included. */
  wholeNs: number;
}

export interface Range {
  /** Nanoseconds. */
  atLeast: number;
  /** Nanoseconds. @default atLeast */
  atMost?: number;
  /** Share of the bounds by which `found` may be outside of them. */
  tolerance: number;
  what: string;
}

/** Prints how far a figure is off; fails when it is farther than the tolerance. */
export function assertWithin(foundNs: number, { atLeast, atMost = atLeast, tolerance, what }: Range): void {
  assert.ok(atLeast > 0, `${what}: nothing was measured`);
  const bound = Math.min(Math.max(foundNs, atLeast), atMost);
  const error = foundNs / bound - 1;
  const text = `${what}: ${(foundNs / 1e6).toFixed(1)} ms found, ${(bound / 1e6).toFixed(1)} ms measured, ${(100 * error).toFixed(2)}% off`;
  assert.ok(Math.abs(error) <= tolerance, text);
  console.log(`        ${text.replace(/ \(.*\)/, '')}`);
}
