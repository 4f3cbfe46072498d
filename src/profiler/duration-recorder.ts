import type { DurationSummary } from '../engine/addon.ts';

/** Keeps the last 512 durations: enough for a p99, and bounded. */
export class DurationRecorder {
  readonly #recent: number[] = [];
  #count = 0;
  #totalMs = 0;
  #maxMs = 0;

  record(ms: number): void {
    this.#recent[this.#count++ % 512] = ms;
    this.#totalMs += ms;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  summary(): DurationSummary {
    const sorted = this.#recent.toSorted((a, b) => a - b);
    const quantileUs = (q: number): number => (sorted[Math.ceil(q * sorted.length) - 1] ?? 0) * 1000;
    return { count: this.#count, totalMs: this.#totalMs, p50Us: quantileUs(0.5), p99Us: quantileUs(0.99), maxUs: this.#maxMs * 1000 };
  }
}
