import type { MappedLocation, UnmappedScript } from '../../profile/source-maps/positions.ts';
import type { NativeStats } from '../addon.ts';
import type { Engine, EngineOptions, EngineSession, HeapSession } from '../engine.ts';
import { CpuRecorder } from './cpu-recorder.ts';
import { HeapRecorder } from './heap-recorder.ts';
import { borrowConnection, giveBackConnection } from './inspector-connection.ts';
import { LocationTable } from './location-table.ts';

/**
 * V8's own profilers over node:inspector: runs wherever Node does, without an addon. It samples the thread that makes
 * it, and knows neither span labels nor native frames.
 * @throws EngineError HOTSPAN_ERR_ENGINE_UNAVAILABLE when this process has no inspector
 */
export function createInspectorEngine(): Engine {
  giveBackConnection(borrowConnection());
  return new InspectorEngine();
}

const noDurations = { count: 0, totalMs: 0, p50Us: 0, p99Us: 0, maxUs: 0 };

class InspectorEngine implements Engine {
  readonly name = 'inspector';
  readonly labels = undefined;
  readonly #table = new LocationTable();
  readonly #heap = new HeapRecorder(this.#table);
  #rateHz = 99;
  #started = false;
  #samples = 0;

  start({ rateHz }: EngineOptions): void {
    if (this.#started) return;
    this.#started = true;
    this.#rateHz = rateHz;
  }

  /** Sessions end by themselves. */
  stop(): void {
    this.#started = false;
  }

  /**
   * Does nothing. A handler in JavaScript would make a busy process deaf to its signals, and would keep libraries such
   * as signal-exit from ending it, which count handlers.
   */
  watchSignals(): void {}

  openSession(): EngineSession {
    return new CpuRecorder(this.#rateHz, this.#table, (count) => (this.#samples += count));
  }

  /** There are no other threads. */
  handOver(): Promise<void> {
    return Promise.resolve();
  }

  openHeapSession(intervalBytes: number): HeapSession {
    return this.#heap.openSession(intervalBytes);
  }

  /** Does nothing: V8 asks nobody in JavaScript when a heap limit nears. */
  watchOutOfMemory(): void {}

  takeUnmapped(): readonly UnmappedScript[] {
    return this.#table.takeUnmapped();
  }

  setMapped(locations: readonly MappedLocation[]): void {
    this.#table.setMapped(locations);
  }

  /** Samples of recordings that ended. */
  stats(): NativeStats {
    return {
      samples: this.#samples,
      ringFull: 0,
      unresolvedFrames: 0,
      truncatedStacks: 0,
      bytesHeld: 0,
      contextsResolved: 0,
      contextsDropped: 0,
      ready: true,
      handler: noDurations,
      drain: noDurations,
      labelling: noDurations,
    };
  }
}
