import { fileURLToPath } from 'node:url';

import type { MappedLocation, UnmappedScript } from '../profile/source-maps/positions.ts';
import { loadAddon, type LabelLosses, type NativeAddon, type NativeEncodeOptions, type NativeOutOfMemoryWatch, type NativeSnapshot, type NativeSnapshotHandle, type NativeStats, type OwnSample } from './addon.ts';
import type { Encodable, Engine, EngineOptions, EngineSession, HeapSession, ProfileHeader, Snapshot } from './engine.ts';
import { EngineError } from './engine-error.ts';
import type { LabelEngine } from './label-engine.ts';
import { threadLabel } from './thread-label.ts';

/** What `sampleSelf` and `signalLost` are for, see VerifiedEngine. */
export interface SelfSampling extends Engine {
  readonly labels: LabelEngine;
  sampleSelf(): OwnSample | undefined;
  signalLost(): boolean;
}

/**
 * hotspan's own sampler.
 * @throws EngineError HOTSPAN_ERR_ENGINE_UNAVAILABLE when it cannot run here
 */
export function createNativeEngine(): SelfSampling {
  // Its addons are Node's own by number, but its objects are half as wide.
  if (hasCompressedPointers()) throw new EngineError('this Node was built with pointer compression');
  const load = loadAddon();
  if ('reason' in load) throw new EngineError(load.reason);
  const { addon } = load;
  const reason = addon.probe();
  if (reason !== undefined) throw new EngineError(reason);
  return new NativeEngine(addon);
}

function hasCompressedPointers(): boolean {
  const { v8_enable_pointer_compression: compressed } = process.config.variables as { v8_enable_pointer_compression?: number | boolean };
  return compressed === 1 || compressed === true;
}

const ownDirectory = fileURLToPath(new URL('../', import.meta.url));

/** Enough for a thread that runs JavaScript to come to a safepoint; one that is blocked has nothing to add. */
const handOverMs = 20;

/** A thread that does not come to its event loop for longer keeps its labels. */
const labelsMs = 1000;

class NativeEngine implements SelfSampling {
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
    asEngineError(() => this.#addon.start({ periodNs: this.#periodNs, nativeFrames, thread: threadLabel(), ownDirectory }));
  }

  stop(): void {
    this.#addon.stop();
  }

  watchSignals(signals: readonly number[], finish: () => void, survived: () => void): void {
    this.#addon.watchSignals(signals, finish, survived);
  }

  sampleSelf(): OwnSample | undefined {
    return this.#addon.sampleSelf();
  }

  signalLost(): boolean {
    return this.#addon.signalLost();
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
