import type { FinishedSpan } from './span-shape.ts';

const maxSpans = 512;
const maxWaitMs = 5000;

/**
 * A span processor that hands finished spans on in groups: of 512, or after 5 s, or when asked. Handing on is
 * synchronous, so that spans of the last moment are not lost at the end of the process.
 */
export class SpanBuffer {
  readonly #deliver: (spans: readonly FinishedSpan[]) => void;
  readonly #lost: (error: unknown) => void;
  #spans: FinishedSpan[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param lost is called when spans could not be handed on */
  constructor(deliver: (spans: readonly FinishedSpan[]) => void, lost: (error: unknown) => void = () => {}) {
    this.#deliver = deliver;
    this.#lost = lost;
  }

  onStart(): void {}

  onEnd(span: FinishedSpan): void {
    // Not sampled: recorded for others, not for export.
    if (((span.spanContext().traceFlags ?? 0) & 1) === 0) return;
    this.#spans.push(span);
    if (this.#spans.length >= maxSpans) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), maxWaitMs).unref();
  }

  /** Never throws: the app ends a span, or a timer does. Spans that cannot be handed on are lost. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const spans = this.#spans;
    if (spans.length === 0) return;
    this.#spans = [];
    try {
      this.#deliver(spans);
    } catch (error) {
      this.#lost(error);
    }
  }

  forceFlush(): Promise<void> {
    this.flush();
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }
}
