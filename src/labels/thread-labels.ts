import type { LabelEngine, NativeLabels } from '../engine/label-engine.ts';
import { repeat } from '../engine/repeat.ts';
import { labelPath, type LabelPath } from '../engine/label-path.ts';
import { ddTraceSource } from './dd-trace.ts';
import { endpointCounts } from './endpoint-counts.ts';
import { EpochLabels } from './epoch-labels.ts';
import { openTelemetrySource } from './opentelemetry.ts';
import { localRootMarks } from './opentelemetry-roots.ts';
import { SourceList } from './source-list.ts';
import type { LabelSourceStats } from './source-meter.ts';

export interface LabelStats {
  /** How labels find the context of a sample; undefined before the first start. */
  readonly path: LabelPath | undefined;
  readonly sources: readonly LabelSourceStats[];
}

/** Labels the samples of this thread, from its tracing libraries and from what the app gives. One a thread. */
export class ThreadLabels {
  readonly #path: LabelPath;
  readonly #engine: LabelEngine;
  readonly #sources: SourceList;
  readonly #epochs: EpochLabels | undefined;
  #started = false;

  /** @param warn gets one line, once, for each source that fails or is too slow */
  constructor(engine: LabelEngine, warn: (line: string) => void) {
    this.#engine = engine;
    localRootMarks.wanted = engine.marksLocalRoots();
    this.#path = labelPath(engine);
    // Where both know a span it is the same one, by dd-trace's bridge.
    const libraries = [ddTraceSource(engine), openTelemetrySource(engine)];
    this.#sources = new SourceList(libraries, warn, () => {
      if (this.#started) this.#epochs?.sourcesChanged();
    });
    this.#epochs = this.#path === 'async-hooks' ? new EpochLabels(engine, this.#sources) : undefined;
  }

  /** REQUIRES: the engine was started. Idempotent. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.#epochs !== undefined) return this.#epochs.start();
    this.#engine.enableContextFrames(
      () => this.findActive(),
      () => this.collect(),
    );
  }

  /** For LabelEngine.enableContextFrames(): whether any source may have labels now. */
  findActive(): boolean {
    return this.#sources.findActive();
  }

  /** For LabelEngine.enableContextFrames(): the labels of the context that it is called in. */
  collect(): NativeLabels {
    return this.#sources.collect();
  }

  /** Finds the labels of all samples up to now. To be called before a profile is encoded, and when one is closed. */
  settle(): void {
    if (this.#epochs === undefined) this.#engine.resolveContexts();
    else this.#epochs.settle();
  }

  /** From now on requests of this thread that end are counted, as far as its tracing library knows their route. */
  countEndpoints(): void {
    endpointCounts.begin();
    // With the app's first turn, not with the first sample: most apps have their tracer by then.
    const end = repeat(1, () => {
      end();
      this.findActive();
    });
  }

  /** Requests that ended since it was last called, by endpoint; undefined when they are not counted. */
  takeEndpointCounts(): Readonly<Record<string, number>> | undefined {
    if (!endpointCounts.wanted) return undefined;
    // A service that nobody samples has requests as well.
    this.findActive();
    return endpointCounts.take();
  }

  stats(): LabelStats {
    return { path: this.#path, sources: this.#sources.stats() };
  }
}
