import type { Engine, EngineSession, HeapSession, ProfileHeader, Snapshot } from './engine.ts';
import { encodeStacks } from './inspector/encode-stacks.ts';
import { LocationTable } from './inspector/location-table.ts';

/** Stands where no engine runs any more: profiles are empty and say why. */
export class IdleEngine implements Engine {
  readonly name = 'inspector';
  readonly labels = undefined;
  readonly #nothing: Snapshot;

  constructor(reason: string) {
    const encode = (header: ProfileHeader): Uint8Array =>
      encodeStacks(
        { sampleTypes: [['samples', 'count']], defaultType: 'samples', periodType: ['samples', 'count'], period: 1, stacks: [] },
        { ...header, comments: [...header.comments, `lost: nothing was sampled: ${reason}`] },
        new LocationTable(),
      );
    const counters = { samples: 0, idle: [], ringFull: 0, unresolvedFrames: 0, truncatedStacks: 0, unansweredNs: 0, stackTableFull: 0 };
    this.#nothing = { counters, encode: (header) => Promise.resolve(encode(header)), encodeSync: encode };
  }

  start(): void {}
  stop(): void {}
  watchSignals(): void {}
  watchOutOfMemory(): void {}
  setMapped(): void {}

  openSession(): EngineSession {
    return { take: () => this.#nothing, close: () => Promise.resolve(this.#nothing), closeSync: () => this.#nothing };
  }

  handOver(): Promise<void> {
    return Promise.resolve();
  }

  openHeapSession(): HeapSession {
    return { take: () => this.#nothing, close: () => this.#nothing };
  }

  takeUnmapped(): readonly [] {
    return [];
  }

  stats(): undefined {
    return undefined;
  }
}
