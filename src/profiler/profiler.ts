import { setTimeout as delay } from 'node:timers/promises';

import type { Exporter, FinishedPeriod, FinishedProfile } from '../delivery/exporter.ts';
import type { OutOfMemoryFile } from '../delivery/file-exporter.ts';
import { nativeGzip, nativeGzipSync } from '../engine/compress.ts';
import type { Engine, ProfileHeader } from '../engine/engine.ts';
import { repeat } from '../engine/repeat.ts';
import { whenReady } from '../engine/wait-until-ready.ts';
import type { LabelStats, ThreadLabels } from '../labels/thread-labels.ts';
import type { ResolvedOptions } from '../options/option-types.ts';
import { gzip, gzipSync } from '../profile/gzip.ts';
import { FailureLog } from './failure-log.ts';
import type { PositionMapper } from './lazy-source-mapper.ts';
import type { Logger } from './logger.ts';
import { startOfPeriod, type PeriodStart } from './period-start.ts';
import { originComments } from './profile-header.ts';
import { DurationRecorder } from './duration-recorder.ts';
import { openSources, type ProfileSource, type ProfileType, type TakenProfile } from './profile-sources.ts';

export interface ProfilerParts {
  readonly engine: Engine;
  /** Undefined where the engine's samples cannot be labelled. */
  readonly labels: ThreadLabels | undefined;
  readonly options: ResolvedOptions;
  readonly exporters: readonly Exporter[];
  readonly sourceMapper: PositionMapper;
  readonly log: Logger;
  /** Where the heap profile of a thread goes whose memory runs out; undefined for nowhere. */
  readonly outOfMemoryFile?: OutOfMemoryFile | undefined;
}

/** Captured profiles by kind, gzip pprof: write each to a `.pb.gz` file. */
export type Capture<T extends ProfileType = 'cpu'> = Readonly<Record<T, Uint8Array>> & {
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
};

/**
 * A running profiler: rotates every period and hands finished profiles to the exporters.
 * Nothing here throws into the app or keeps it alive.
 */
export class Profiler {
  readonly rotationTimes = new DurationRecorder();
  readonly #parts: ProfilerParts;
  readonly #failures: FailureLog;
  #sources: readonly ProfileSource[] = [];
  #start: PeriodStart = startOfPeriod();
  #sequence = 0;
  #endRotations: (() => void) | undefined;
  #captures = 0;
  /** Periods that ended and are not delivered yet. */
  readonly #pending = new Map<EndedPeriod, Promise<void>>();

  constructor(parts: ProfilerParts) {
    this.#parts = parts;
    this.#failures = new FailureLog(parts.log);
  }

  get engine(): Engine {
    return this.#parts.engine;
  }

  labelStats(): LabelStats {
    return this.#parts.labels?.stats() ?? { path: undefined, sources: [] };
  }

  /** @throws EngineError when the engine cannot run here */
  start(): void {
    const { engine, labels, options, log } = this.#parts;
    // No copy of all options: that would look for package.json, see resolveOptions().
    const { rate, nativeFrames, heapInterval } = options;
    this.#sources = openSources(engine, options.profiles, { rate, nativeFrames, heapInterval, onUnavailable: (why) => log.warn(why) });
    labels?.start();
    this.#start = startOfPeriod();
    if (options.profiles.includes('heap')) this.#watchOutOfMemory();
    if (options.period > 0) this.#endRotations = repeat(options.period * 1000, () => this.#rotateInTime());
  }

  #watchOutOfMemory(): void {
    const { engine, options, outOfMemoryFile, exporters } = this.#parts;
    const { startMs } = this.#start;
    const spool = exporters.map((exporter) => exporter.outOfMemorySpool?.(startMs)).find((one) => one !== undefined);
    if (outOfMemoryFile === undefined && spool === undefined) return;
    const comments = [...originComments(options), 'on_oom: taken when the heap limit was near'];
    engine.watchOutOfMemory({ ...outOfMemoryFile, ...(spool && { spool }), comments, startMs });
  }

  /** Runs `finish` before one of `signals` ends the process, `survived` when the process goes on. REQUIRES: started. */
  finishBeforeSignals(signals: readonly number[], finish: () => void, survived: () => void): void {
    this.#parts.engine.watchSignals(signals, finish, survived);
  }

  /** What a timer throws would end the app. */
  #rotateInTime(): void {
    try {
      this.rotate();
    } catch (error) {
      this.#failures.failed(new Error(`the profile of this period is lost: ${error instanceof Error ? error.message : String(error)}`, { cause: error }));
    }
  }

  /** Ends the period: takes what was sampled and delivers it in the background. */
  rotate(how?: { readonly toNow: boolean }): void {
    if (this.#sources.length === 0) return;
    const began = performance.now();
    const period = this.#endPeriod(this.#sources.map((source) => source.take(how)));
    this.rotationTimes.record(performance.now() - began);
    this.#deliver(period);
  }

  /** Takes the last profile and waits until all are delivered, or kept on disk because they cannot be. */
  async stop(): Promise<void> {
    await holdingProcess(this.#stop());
  }

  async #stop(): Promise<void> {
    // While the sources are there: a signal meanwhile takes what they have.
    const reading = whenReady(this.#parts.engine);
    if (reading !== undefined) await reading;
    const sources = this.#end();
    if (sources.length > 0) this.#deliver(this.#endLast(await Promise.all(sources.map((source) => source.close()))));
    await this.#flushed();
    this.#failures.summarize();
  }

  /** Ends the period now and waits until its profile is delivered, or kept on disk because it cannot be. */
  async flush(): Promise<void> {
    // Between two invocations there may be no next profile: this one has all samples up to now.
    await holdingProcess(Promise.all([this.#parts.engine.handOver(), whenReady(this.#parts.engine)]));
    this.rotate({ toNow: true });
    await holdingProcess(this.#flushed());
  }

  async #flushed(): Promise<void> {
    const { exporters, options } = this.#parts;
    await Promise.all(this.#pending.values());
    await Promise.all(exporters.map(async (exporter) => exporter.flush?.(options.exitGrace * 1000)));
  }

  /** The same at the end of the process: on this thread, now. Uploads may take `graceMs`. */
  stopSync(graceMs: number): void {
    const { engine, labels, options, sourceMapper, exporters } = this.#parts;
    const sources = this.#end();
    const last = sources.length === 0 ? [] : [this.#endLast(sources.map((source) => source.closeSync()))];
    // What is still on its way in the background would not arrive any more.
    for (const period of [...this.#pending.keys(), ...last]) {
      labels?.settle();
      engine.setMapped(sourceMapper.mapSync(engine.takeUnmapped()));
      const done = finished(period, period.taken.map((one) => ({
        type: one.type,
        bytes: compressSync(one.snapshot.encodeSync(headerOf(options, period, one))),
      })));
      for (const exporter of exporters) {
        try {
          exporter.exportSync(done);
        } catch (error) {
          this.#failures.failed(error);
        }
      }
    }
    for (const exporter of exporters) exporter.finishSync?.(graceMs);
    this.#failures.summarize();
  }

  /**
   * Profiles for a while beside the running session. Keeps the process alive, because the caller waits for it; with
   * a signal it does not, and the capture ends early when that is aborted.
   */
  async capture<T extends ProfileType>(seconds: number, types: readonly T[], signal?: AbortSignal): Promise<Capture<T>> {
    const waiting = <R>(work: Promise<R>): Promise<R> => (signal === undefined ? holdingProcess(work) : work);
    const { engine, labels, options } = this.#parts;
    this.#captures++;
    try {
      const sources = openSources(engine, types, options);
      labels?.start();
      const start = startOfPeriod();
      await delay(seconds * 1000, undefined, signal === undefined ? {} : { signal, ref: false }).catch(() => {});
      const reading = whenReady(engine);
      if (reading !== undefined) await waiting(reading);
      const taken = await waiting(Promise.all(sources.map((source) => source.close())));
      const { startMs } = start;
      const endMs = start.endMs();
      const encoded = await waiting(this.#encode({ taken, startMs, endMs }));
      const byType = Object.fromEntries(encoded.map(({ type, bytes }) => [type, bytes])) as Record<T, Uint8Array>;
      return { ...byType, startMs, endMs };
    } finally {
      this.#captures--;
      if (this.#sources.length === 0 && this.#captures === 0) engine.stop();
    }
  }

  /** The sources that now end; none when nothing runs. */
  #end(): readonly ProfileSource[] {
    this.#endRotations?.();
    this.#endRotations = undefined;
    const sources = this.#sources;
    this.#sources = [];
    return sources;
  }

  #endLast(taken: readonly TakenProfile[]): EndedPeriod {
    const period = this.#endPeriod(taken);
    if (this.#captures === 0) this.#parts.engine.stop();
    return period;
  }

  #endPeriod(taken: readonly TakenProfile[]): EndedPeriod {
    const { options, labels } = this.#parts;
    const { startMs } = this.#start;
    const endMs = this.#start.endMs();
    this.#start = startOfPeriod();
    const last = this.#sources.length === 0;
    const endpointCounts = labels?.takeEndpointCounts();
    const sequence = this.#sequence++;
    const whole = options.period === 0 && last && sequence === 0;
    return { taken, startMs, endMs, sequence, whole, last, ...(endpointCounts && { endpointCounts }) };
  }

  async #encode(period: Sampled): Promise<FinishedProfile[]> {
    const { engine, labels, options, sourceMapper } = this.#parts;
    labels?.settle();
    const unmapped = engine.takeUnmapped();
    if (unmapped.length > 0) engine.setMapped(await sourceMapper.map(unmapped));
    return Promise.all(
      period.taken.map(async (one) => ({ type: one.type, bytes: await compress(await one.snapshot.encode(headerOf(options, period, one))) })),
    );
  }

  #deliver(period: EndedPeriod): void {
    const { exporters } = this.#parts;
    // In a turn of its own: what asks for source maps is not to add to the turn that ended the period.
    const delivery = new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#encode(period))
      .then(async (profiles) => {
        const done = finished(period, profiles);
        await Promise.all(exporters.map((exporter) => exporter.export(done)));
      })
      .catch((error: unknown) => this.#failures.failed(error))
      .finally(() => this.#pending.delete(period));
    this.#pending.set(period, delivery);
  }
}

interface Sampled {
  /** One of each kind. */
  readonly taken: readonly TakenProfile[];
  readonly startMs: number;
  readonly endMs: number;
}

interface EndedPeriod extends Sampled {
  readonly sequence: number;
  readonly whole: boolean;
  readonly last: boolean;
  readonly endpointCounts?: Readonly<Record<string, number>>;
}

/** Made when a profile is encoded: the turn that ends a period does nothing but that. */
function headerOf(options: ResolvedOptions, { startMs, endMs }: Sampled, taken: TakenProfile): ProfileHeader {
  return { startMs, durationMs: endMs - startMs, comments: [...originComments(options), ...taken.comments()] };
}

function finished({ taken: _, ...facts }: EndedPeriod, profiles: readonly FinishedProfile[]): FinishedPeriod {
  return { profiles, ...facts };
}

async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  return (await nativeGzip(bytes)) ?? gzip(bytes);
}

function compressSync(bytes: Uint8Array): Uint8Array {
  return nativeGzipSync(bytes) ?? gzipSync(bytes);
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
