import { setTimeout as delay } from 'node:timers/promises';

import type { Exporter, FinishedPeriod } from '../delivery/exporter.ts';
import type { Engine, EngineSession, ProfileHeader, Snapshot } from '../engine/native-engine.ts';
import type { LabelStats, ThreadLabels } from '../labels/thread-labels.ts';
import type { ResolvedOptions } from '../options/option-types.ts';
import { gzip, gzipSync } from '../profile/gzip.ts';
import type { SourceMapper } from '../profile/source-maps/source-map-worker.ts';
import type { Logger } from './logger.ts';
import { profileHeader } from './profile-header.ts';
import { DurationRecorder } from './duration-recorder.ts';

export interface ProfilerParts {
  readonly engine: Engine;
  readonly labels: ThreadLabels;
  readonly options: ResolvedOptions;
  readonly exporters: readonly Exporter[];
  readonly sourceMapper: SourceMapper;
  readonly log: Logger;
}

/** A captured profile. */
export interface Capture {
  /** gzip pprof: write it to a `.pb.gz` file. */
  readonly cpu: Uint8Array;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * A running profiler: rotates every period and hands finished profiles to the exporters.
 * Nothing here throws into the app or keeps it alive.
 */
export class Profiler {
  readonly rotationTimes = new DurationRecorder();
  readonly #parts: ProfilerParts;
  #session: EngineSession | undefined;
  #startMs = 0;
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;
  #captures = 0;
  /** Periods that ended and are not delivered yet. */
  readonly #pending = new Map<EndedPeriod, Promise<void>>();

  constructor(parts: ProfilerParts) {
    this.#parts = parts;
  }

  labelStats(): LabelStats {
    return this.#parts.labels.stats();
  }

  /** @throws EngineError when the engine cannot run here */
  start(): void {
    const { options } = this.#parts;
    this.#startEngine();
    this.#session = this.#parts.engine.openSession();
    this.#startMs = Date.now();
    if (options.period > 0) {
      this.#timer = setInterval(() => this.rotate(), options.period * 1000);
      this.#timer.unref();
    }
  }

  /** Runs `finish` before one of `signals` ends the process. REQUIRES: started. */
  finishBeforeSignals(signals: readonly number[], finish: () => void): void {
    this.#parts.engine.watchSignals(signals, finish);
  }

  /** Ends the period: takes what was sampled and delivers it in the background. */
  rotate(): void {
    const session = this.#session;
    if (session === undefined) return;
    const began = performance.now();
    const period = this.#endPeriod(session.take());
    this.rotationTimes.record(performance.now() - began);
    this.#deliver(period);
  }

  /** Takes the last profile and waits until all are delivered, or kept on disk because they cannot be. */
  async stop(): Promise<void> {
    await holdingProcess(this.#stop());
  }

  async #stop(): Promise<void> {
    const session = this.#end();
    if (session !== undefined) this.#deliver(this.#endLast(await session.close()));
    await this.#flushed();
  }

  /** Ends the period now and waits until its profile is delivered, or kept on disk because it cannot be. */
  async flush(): Promise<void> {
    this.rotate();
    await holdingProcess(this.#flushed());
  }

  async #flushed(): Promise<void> {
    const { exporters, options } = this.#parts;
    await Promise.all(this.#pending.values());
    await Promise.all(exporters.map(async (exporter) => exporter.flush?.(options.exitGrace * 1000)));
  }

  /** The same at the end of the process: on this thread, now. Uploads may take `graceMs`. */
  stopSync(graceMs: number): void {
    const { engine, labels, options, sourceMapper, exporters, log } = this.#parts;
    const session = this.#end();
    const last = session === undefined ? [] : [this.#endLast(session.closeSync())];
    // What is still on its way in the background would not arrive any more.
    for (const period of [...this.#pending.keys(), ...last]) {
      labels.settle();
      engine.setMapped(sourceMapper.mapSync(engine.takeUnmapped()));
      const done = finished(period, gzipSync(period.snapshot.encodeSync(headerOf(options, period))));
      for (const exporter of exporters) {
        try {
          exporter.exportSync(done);
        } catch (error) {
          log.error(messageOf(error));
        }
      }
    }
    for (const exporter of exporters) exporter.finishSync?.(graceMs);
  }

  /**
   * Profiles for a while beside the running session. Keeps the process alive, because the caller waits for it; with
   * a signal it does not, and the capture ends early when that is aborted.
   */
  async capture(seconds: number, signal?: AbortSignal): Promise<Capture> {
    const waiting = <T>(work: Promise<T>): Promise<T> => (signal === undefined ? holdingProcess(work) : work);
    const { engine } = this.#parts;
    this.#startEngine();
    this.#captures++;
    try {
      const session = engine.openSession();
      const startMs = Date.now();
      await delay(seconds * 1000, undefined, signal === undefined ? {} : { signal, ref: false }).catch(() => {});
      const snapshot = await waiting(session.close());
      const period = { snapshot, startMs, endMs: Date.now() };
      return { cpu: await waiting(this.#encode(period)), startMs, endMs: period.endMs };
    } finally {
      this.#captures--;
      if (this.#session === undefined && this.#captures === 0) engine.stop();
    }
  }

  #startEngine(): void {
    const { engine, labels, options } = this.#parts;
    engine.start({ rateHz: options.rate, nativeFrames: options.nativeFrames });
    labels.start();
  }

  /** The session that now ends, if there is one. */
  #end(): EngineSession | undefined {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const session = this.#session;
    this.#session = undefined;
    return session;
  }

  #endLast(snapshot: Snapshot): EndedPeriod {
    const period = this.#endPeriod(snapshot);
    if (this.#captures === 0) this.#parts.engine.stop();
    return period;
  }

  #endPeriod(snapshot: Snapshot): EndedPeriod {
    const { options } = this.#parts;
    const startMs = this.#startMs;
    const endMs = Date.now();
    this.#startMs = endMs;
    const last = this.#session === undefined;
    return { snapshot, startMs, endMs, sequence: this.#sequence++, whole: options.period === 0, last };
  }

  async #encode(period: Sampled): Promise<Uint8Array> {
    const { engine, labels, options, sourceMapper } = this.#parts;
    labels.settle();
    const unmapped = engine.takeUnmapped();
    if (unmapped.length > 0) engine.setMapped(await sourceMapper.map(unmapped));
    return gzip(await period.snapshot.encode(headerOf(options, period)));
  }

  #deliver(period: EndedPeriod): void {
    const { exporters, log } = this.#parts;
    // In a turn of its own: what asks for source maps is not to add to the turn that ended the period.
    const delivery = new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#encode(period))
      .then(async (bytes) => {
        const done = finished(period, bytes);
        await Promise.all(exporters.map((exporter) => exporter.export(done)));
      })
      .catch((error: unknown) => log.error(messageOf(error)))
      .finally(() => this.#pending.delete(period));
    this.#pending.set(period, delivery);
  }
}

interface Sampled {
  readonly snapshot: Snapshot;
  readonly startMs: number;
  readonly endMs: number;
}

interface EndedPeriod extends Sampled {
  readonly sequence: number;
  readonly whole: boolean;
  readonly last: boolean;
}

/** Made when a profile is encoded: the turn that ends a period does nothing but that. */
function headerOf(options: ResolvedOptions, { snapshot, startMs, endMs }: Sampled): ProfileHeader {
  return profileHeader(options, snapshot.counters, startMs, endMs);
}

function finished({ snapshot: _, ...facts }: EndedPeriod, bytes: Uint8Array): FinishedPeriod {
  return { profiles: [{ type: 'cpu', bytes }], ...facts };
}

/** Nothing on a profile's way keeps the process alive; whoever waits for one must. */
async function holdingProcess<T>(work: Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, 60_000);
  try {
    return await work;
  } finally {
    clearInterval(alive);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
