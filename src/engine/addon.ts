import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import type { MappedLocation, UnmappedScript } from '../profile/source-maps/positions.ts';
import type { LabelEngine } from './label-engine.ts';

/** Opaque: a profile held in native memory until it is garbage collected. */
export interface NativeSnapshotHandle {
  readonly brand: unique symbol;
}

export interface NativeSnapshot extends NativeCounters {
  readonly handle: NativeSnapshotHandle;
  /** Of the threads alive that run JavaScript: the time they waited in their event loops. */
  readonly idle: readonly { readonly thread: string; readonly ns: number }[];
  /** CPU time of threads with JavaScript that did not answer the sampling signal: under `(not sampled)`. */
  readonly unansweredNs: number;
  /** Samples whose stack found no room in the table of distinct stacks. */
  readonly stackTableFull: number;
}

export interface NativeCounters {
  readonly samples: number;
  /** Samples refused because the ring was full; their time went to the last ones before. */
  readonly ringFull: number;
  /** Frames of generated code for which no function was found. */
  readonly unresolvedFrames: number;
  /** Stacks deeper than the walk goes. */
  readonly truncatedStacks: number;
}

/** Times of something that happened `count` times: percentiles exact to 7 percent. */
export interface DurationSummary {
  readonly count: number;
  /** The sum of them all. */
  readonly totalMs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

/** Opaque: a heap profile held in native memory until it is garbage collected. */
export interface NativeHeapHandle {
  readonly brand: unique symbol;
  readonly kind: 'heap';
}

/** Where the heap profile of a thread goes when its heap limit nears. */
export interface NativeOutOfMemoryWatch {
  /** Absolute; made with its parents when missing. Left out: no file but in the spool. */
  readonly directory?: string;
  /** Of the file, without the thread and the ending. */
  readonly name?: string;
  /** Where it is kept for its upload: see src/delivery/out-of-memory-spool.ts. */
  readonly spool?: { readonly directories: readonly string[]; readonly id: string; readonly owner: string; readonly facts: string };
  readonly comments: readonly string[];
  /** Start of the profile, milliseconds since 1970. */
  readonly startMs: number;
}

export interface NativeStats extends NativeCounters {
  readonly bytesHeld: number;
  /** Contexts whose labels were asked for. */
  readonly contextsResolved: number;
  /** Contexts that were not, because too many waited. */
  readonly contextsDropped: number;
  /** False in the first milliseconds after the first start: what is sampled then may go unresolved. */
  readonly ready: boolean;
  /** Time in the signal handler, per sample of this thread. */
  readonly handler: DurationSummary;
  /** Time on the JS thread to resolve and aggregate what was sampled, per drain. */
  readonly drain: DurationSummary;
  /** Time on the JS thread to ask for the labels of contexts after their samples, per series of them. */
  readonly labelling: DurationSummary;
}

export interface NativeEncodeOptions {
  /** Mean time between two samples of a busy thread. */
  readonly periodNs: number;
  /** Start of the profile, milliseconds since 1970. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly comments: readonly string[];
}

/** Samples of a profile that go without their labels, counted by context. */
export interface LabelLosses {
  /** The profile's table of labels was full. */
  readonly dropped: number;
  /** The labels have not come by now. */
  readonly awaiting: number;
}

/** A sample that a thread took of itself. */
export interface OwnSample {
  /** Leaf first; line 0 when not known. */
  readonly frames: readonly { readonly name: string; readonly line: number }[];
  /** Frames of them that were inlined. */
  readonly inlined: number;
  /** No room for functions that were not met before: they have no names. */
  readonly tableFull: boolean;
}

/** What the addon exports: the border to native/addon/addon.cc. */
export interface NativeAddon extends LabelEngine {
  /** Why this process cannot be sampled; undefined when it can. */
  probe(): string | undefined;
  /** Whether sampling is on in this process. */
  started(): boolean;
  /** Adds this thread to those that are sampled; `thread` is its label. */
  attach(thread: string): void;
  /** Samples all attached threads, this one, and those that run no JavaScript. */
  start(options: {
    readonly periodNs: number;
    readonly nativeFrames: 'all' | 'leaf' | 'none';
    readonly thread: string;
    /** Of hotspan's own JavaScript, which is shown as `(hotspan)`. With the slash at the end. */
    readonly ownDirectory: string;
  }): void;
  /** Ends sampling in all threads. */
  stop(): void;
  /** Other code took the sampling signal, and each one after it: nothing with JavaScript is sampled any more. */
  signalLost(): boolean;
  /**
   * Holds signals that are about to end the process back until `finish` has run, for 2 s at most. `survived` runs
   * after it in a process that the signal did not end. Neither may throw. Ends with stop().
   */
  watchSignals(signals: readonly number[], finish: () => void, survived: () => void): void;
  /** Of the functions that call this. Undefined when the signal did not come or `stats().ready` is false. */
  sampleSelf(): OwnSample | undefined;
  openSession(): number;
  /** Asks the other threads with JavaScript to hand over what they sampled last; returns how many there are. */
  requestLastSamples(): number;
  /** `patienceMs`: how long to wait for the other threads' last samples. With 0 a session that goes on does not look for its own either. */
  takeSession(id: number, reopen: boolean, patienceMs: number): NativeSnapshot;
  /** Off the JS thread. Uncompressed pprof. */
  encode(handle: NativeSnapshotHandle, options: NativeEncodeOptions): Promise<Uint8Array>;
  encodeSync(handle: NativeSnapshotHandle, options: NativeEncodeOptions): Uint8Array;
  labelLosses(handle: NativeSnapshotHandle): LabelLosses;
  /** @throws Error when V8's heap sampler is in use by another tool */
  openHeapSession(intervalBytes: number): number;
  /** This thread's part is taken at once; the other threads' follow within some ms. */
  takeHeapSession(id: number, reopen: boolean): NativeHeapHandle;
  /** Off the JS thread. Uncompressed pprof. */
  encodeHeap(handle: NativeHeapHandle, header: Omit<NativeEncodeOptions, 'periodNs'>): Promise<Uint8Array>;
  encodeHeapSync(handle: NativeHeapHandle, header: Omit<NativeEncodeOptions, 'periodNs'>): Uint8Array;
  /** Does nothing without an open heap session; ends with the last one. */
  watchOutOfMemory(watch: NativeOutOfMemoryWatch): void;
  /** Locations of scripts with a source map, new since the last call. */
  takeUnmapped(): UnmappedScript[];
  setMapped(locations: readonly MappedLocation[]): void;
  /** Calls `call`, which must not throw, every `ms`; does not keep the event loop alive. Returns what ends it. */
  startTimer(ms: number, call: () => void): number;
  stopTimer(id: number): void;
  /** Off the JS thread. Undefined where the process has no zlib. */
  gzip(bytes: Uint8Array): Promise<Uint8Array | undefined>;
  gzipSync(bytes: Uint8Array): Uint8Array | undefined;
  /** Undefined before the first start. */
  stats(): NativeStats | undefined;
}

export type AddonLoad = { readonly addon: NativeAddon } | { readonly reason: string };

let loaded: AddonLoad | undefined;

/** Loads the addon built for this platform and Node version, once. Never throws. */
export function loadAddon(): AddonLoad {
  loaded ??= load();
  return loaded;
}

function load(): AddonLoad {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { reason: `there is no addon for ${process.platform}-${process.arch} yet` };
  }
  const require = createRequire(import.meta.url);
  const root = fileURLToPath(new URL('../..', import.meta.url));
  try {
    // Where the published package has it. node-gyp-build, which also finds a build of one's own, takes 3 ms to load
    // and look around, of an event loop that may be serving.
    const prebuilt = `${root}prebuilds/linux-x64/hotspan.abi${process.versions.modules}.glibc.node`;
    if (existsSync(prebuilt)) return { addon: require(prebuilt) as NativeAddon };
    const find = require('node-gyp-build') as (root: string) => NativeAddon;
    return { addon: find(root) };
  } catch (error) {
    const detail = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { reason: `no addon for Node ${process.versions.node} (ABI ${process.versions.modules}) could be loaded: ${detail}` };
  }
}
