import type { LabelSink, LabelSource } from './labels.ts';

/** What one source of labels cost and lost. */
export interface LabelSourceStats {
  readonly name: string;
  /** Times it was asked, at most once a sample. */
  readonly calls: number;
  readonly totalMs: number;
  readonly maxMs: number;
  /** Times it threw; the sample went on without its labels. */
  readonly failed: number;
  /** Times it was not asked because it had used up its time. */
  readonly skipped: number;
}

/** Time a source may use in each second, its slowest call not counted: that one is more often the machine's doing. */
const budgetMs = 50;
const windowMs = 1000;

// Bound at load: tests of an app may replace the clock.
const now = performance.now.bind(performance);

/** Asks one source, within its time, and keeps its failures away from the app. */
export class SourceMeter {
  readonly source: LabelSource;
  readonly #warn: (line: string) => void;
  #windowStart = -Infinity;
  #spentMs = 0;
  #slowestMs = 0;
  #stats = { calls: 0, totalMs: 0, maxMs: 0, failed: 0, skipped: 0 };

  constructor(source: LabelSource, warn: (line: string) => void) {
    this.source = source;
    this.#warn = warn;
  }

  /** False as well when it throws: it is asked from within the app's own calls. */
  isActive(): boolean {
    try {
      return this.source.isActive();
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  collect(sink: LabelSink): void {
    const start = now();
    if (start - this.#windowStart >= windowMs) {
      this.#windowStart = start;
      this.#spentMs = 0;
      this.#slowestMs = 0;
    }
    if (this.#spentMs - this.#slowestMs >= budgetMs) {
      if (this.#stats.skipped++ === 0) {
        this.#warn(`${this.source.name} used more than ${budgetMs} ms within a second; samples beyond that go without its labels`);
      }
      return;
    }
    try {
      this.source.collect(sink);
    } catch (error) {
      this.#failed(error);
    }
    const took = now() - start;
    this.#spentMs += took;
    this.#slowestMs = Math.max(this.#slowestMs, took);
    this.#stats.calls++;
    this.#stats.totalMs += took;
    this.#stats.maxMs = Math.max(this.#stats.maxMs, took);
  }

  #failed(error: unknown): void {
    if (this.#stats.failed++ === 0) this.#warn(`${this.source.name} threw: ${describe(error)}; such samples go without its labels`);
  }

  stats(): LabelSourceStats {
    return { name: this.source.name, ...this.#stats };
  }
}

function describe(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'something that cannot be shown';
  }
}
