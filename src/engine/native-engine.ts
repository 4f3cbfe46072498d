import type { MappedLocation, UnmappedScript } from '../profile/source-maps/positions.ts';
import { loadAddon, type LabelLosses, type NativeAddon, type NativeEncodeOptions, type NativeOutOfMemoryWatch, type NativeSnapshot, type NativeSnapshotHandle, type NativeStats } from './addon.ts';
import { EngineError } from './engine-error.ts';
import type { LabelEngine } from './label-engine.ts';
import { threadLabel } from './thread-label.ts';

export interface EngineOptions {
  /** Samples a second of a busy thread. */
  readonly rateHz: number;
  readonly nativeFrames: 'all' | 'leaf' | 'none';
}

/** What the profile says about itself. */
export interface ProfileHeader {
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly comments: readonly string[];
}

/** A profile that was taken and can be encoded. */
export interface Encodable {
  /** Uncompressed pprof, made off the JS thread. */
  encode(header: ProfileHeader): Promise<Uint8Array>;
  /** The same on this thread: for the end of the process. */
  encodeSync(header: ProfileHeader): Uint8Array;
}

/** One period's samples, taken off the engine. */
export interface Snapshot extends Encodable {
  readonly counters: Omit<NativeSnapshot, 'handle'>;
}

/** A profile of all threads in the making. Several may be open at once, each with all samples. */
export interface EngineSession {
  /** What was sampled since the session was opened or last taken, but for the last moment's; O(threads). `toNow`: to now, which is slower. */
  take(how?: { readonly toNow: boolean }): Snapshot;
  /** The same to the last moment, and ends the session. Takes some ms, for other threads to hand over theirs. */
  close(): Promise<Snapshot>;
  /** The same at once: this thread waits for others that run JavaScript. */
  closeSync(): Snapshot;
}

/** A heap profile of all threads in the making: what lives now, and what was allocated since the last take. */
export interface HeapSession {
  take(): Encodable;
  /** The same, and ends the session. */
  close(): Encodable;
}

/** The engine of this process, as seen by this thread. */
export interface Engine {
  readonly name: 'native';
  readonly labels: LabelEngine;
  /**
   * Samples all threads of the process. Does nothing when started already.
   * @throws EngineError HOTSPAN_ERR_ENGINE_UNAVAILABLE
   */
  start(options: EngineOptions): void;
  stop(): void;
  /** Runs `finish` before one of `signals` (numbers) ends the process; for 2 s at most. Ends with stop(). */
  watchSignals(signals: readonly number[], finish: () => void): void;
  openSession(): EngineSession;
  /** Asks the other threads for what they sampled last, and gives them some ms. */
  handOver(): Promise<void>;
  /**
   * Samples allocations, one each `intervalBytes` on average; the first open session's interval holds for all.
   * @throws EngineError HOTSPAN_ERR_ENGINE_UNAVAILABLE when another tool uses V8's heap sampler
   */
  openHeapSession(intervalBytes: number): HeapSession;
  /** Writes a thread's heap profile when its heap limit nears, once. REQUIRES: an open heap session; ends with the last. */
  watchOutOfMemory(watch: NativeOutOfMemoryWatch): void;
  takeUnmapped(): readonly UnmappedScript[];
  setMapped(locations: readonly MappedLocation[]): void;
  stats(): NativeStats | undefined;
}

/**
 * hotspan's own sampler.
 * @throws EngineError HOTSPAN_ERR_ENGINE_UNAVAILABLE when it cannot run here
 */
export function createNativeEngine(): Engine {
  const load = loadAddon();
  if ('reason' in load) throw new EngineError(load.reason);
  const { addon } = load;
  const reason = addon.probe();
  if (reason !== undefined) throw new EngineError(reason);
  return new NativeEngine(addon);
}

/** Enough for a thread that runs JavaScript to come to a safepoint; one that is blocked has nothing to add. */
const handOverMs = 20;

/** A thread that does not come to its event loop for longer keeps its labels. */
const labelsMs = 1000;

class NativeEngine implements Engine {
  readonly name = 'native';
  readonly labels: LabelEngine;
  readonly #addon: NativeAddon;
  #periodNs = 0;

  constructor(addon: NativeAddon) {
    this.#addon = addon;
    this.labels = addon;
  }

  start({ rateHz, nativeFrames }: EngineOptions): void {
    this.#periodNs = Math.round(1e9 / rateHz);
    asEngineError(() => this.#addon.start({ periodNs: this.#periodNs, nativeFrames, thread: threadLabel() }));
  }

  stop(): void {
    this.#addon.stop();
  }

  watchSignals(signals: readonly number[], finish: () => void): void {
    this.#addon.watchSignals(signals, finish);
  }

  openSession(): EngineSession {
    const addon = this.#addon;
    const id = addon.openSession();
    return {
      take: ({ toNow } = { toNow: false }) => this.#snapshot(addon.takeSession(id, true, toNow ? 1 : 0)),
      close: async () => {
        await this.handOver();
        return this.#snapshot(addon.takeSession(id, false, 0));
      },
      closeSync: () => this.#snapshot(addon.takeSession(id, false, handOverMs)),
    };
  }

  async handOver(): Promise<void> {
    if (this.#addon.requestLastSamples() > 0) await new Promise((resolve) => setTimeout(resolve, handOverMs));
  }

  openHeapSession(intervalBytes: number): HeapSession {
    const addon = this.#addon;
    const id = asEngineError(() => addon.openHeapSession(intervalBytes));
    const take = (reopen: boolean): Encodable => {
      const handle = addon.takeHeapSession(id, reopen);
      return {
        encode: (header) => addon.encodeHeap(handle, header),
        encodeSync: (header) => addon.encodeHeapSync(handle, header),
      };
    };
    return { take: () => take(true), close: () => take(false) };
  }

  watchOutOfMemory(watch: NativeOutOfMemoryWatch): void {
    this.#addon.watchOutOfMemory(watch);
  }

  takeUnmapped(): readonly UnmappedScript[] {
    return this.#addon.takeUnmapped();
  }

  setMapped(locations: readonly MappedLocation[]): void {
    this.#addon.setMapped(locations);
  }

  stats(): NativeStats | undefined {
    return this.#addon.stats();
  }

  /** Other threads find the labels of their last samples in a turn of their own. */
  async #labelsOf(handle: NativeSnapshotHandle): Promise<void> {
    for (let waitedMs = 0; waitedMs < labelsMs && this.#addon.labelLosses(handle).awaiting > 0; waitedMs += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20).unref());
    }
  }

  #snapshot({ handle, ...counters }: NativeSnapshot): Snapshot {
    const periodNs = this.#periodNs;
    // Only now is it known whether all labels came.
    const withLabelLosses = (header: ProfileHeader): NativeEncodeOptions => {
      return { ...header, periodNs, comments: [...header.comments, ...describeLosses(this.#addon.labelLosses(handle))] };
    };
    return {
      counters,
      encode: async (header) => {
        await this.#labelsOf(handle);
        return this.#addon.encode(handle, withLabelLosses(header));
      },
      encodeSync: (header) => this.#addon.encodeSync(handle, withLabelLosses(header)),
    };
  }
}

function describeLosses({ dropped, awaiting }: LabelLosses): string[] {
  return [
    ...(dropped === 0 ? [] : [`lost: the labels of ${dropped} contexts found the table of labels full`]),
    ...(awaiting === 0 ? [] : [`lost: the labels of ${awaiting} contexts had not come when the profile was encoded`]),
  ];
}

function asEngineError<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new EngineError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
