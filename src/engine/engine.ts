import type { MappedLocation, UnmappedScript } from '../profile/source-maps/positions.ts';
import type { NativeOutOfMemoryWatch, NativeSnapshot, NativeStats } from './addon.ts';
import type { LabelEngine } from './label-engine.ts';

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

export type EngineName = 'native' | 'inspector';

/** The engine of this process, as seen by this thread. */
export interface Engine {
  readonly name: EngineName;
  /** Undefined where samples cannot be labelled. */
  readonly labels: LabelEngine | undefined;
  /**
   * Samples all threads of the process. Does nothing when started already.
   * @throws EngineError HOTSPAN_ERR_ENGINE_UNAVAILABLE
   */
  start(options: EngineOptions): void;
  stop(): void;
  /**
   * Runs `finish` before one of `signals` (numbers) ends the process; for 2 s at most. `survived` runs after it when the
   * process goes on: the kernel spares process 1 of a container. Ends with stop().
   */
  watchSignals(signals: readonly number[], finish: () => void, survived: () => void): void;
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
