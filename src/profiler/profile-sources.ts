import type { Encodable, Engine, Snapshot } from '../engine/engine.ts';
import type { ResolvedOptions } from '../options/option-types.ts';
import { timeComments } from './profile-header.ts';

export type ProfileType = ResolvedOptions['profiles'][number];

/** A profile taken off the engine, and what it says about itself. */
export interface TakenProfile {
  readonly type: ProfileType;
  readonly snapshot: Encodable;
  readonly comments: () => readonly string[];
}

/** One kind of profile in the making. */
export interface ProfileSource {
  /** `toNow`: what is not resolved yet as well, which is left to the next profile otherwise. */
  readonly take: (how?: { readonly toNow: boolean }) => TakenProfile;
  /** To the last moment; the source ends. */
  readonly close: () => Promise<TakenProfile>;
  readonly closeSync: () => TakenProfile;
}

/** Without CPU profiles the engine still runs: its thread is what notices that a signal ends the process. */
const watchOnlyHz = 1;

export interface SourceOptions extends Pick<ResolvedOptions, 'rate' | 'nativeFrames' | 'heapInterval'> {
  /** Gets a clause when a kind cannot be taken while another can; without it that is an error. */
  readonly onUnavailable?: (why: string) => void;
}

/**
 * Starts what these kinds of profiles need and opens one source each.
 * @throws EngineError when nothing of it can be taken here
 */
export function openSources(engine: Engine, types: readonly ProfileType[], options: SourceOptions): ProfileSource[] {
  const cpu = types.includes('cpu');
  engine.start({ rateHz: cpu ? options.rate : watchOnlyHz, nativeFrames: options.nativeFrames });
  const sources = cpu ? [openCpu(engine)] : [];
  if (!types.includes('heap')) return sources;
  try {
    sources.push(openHeap(engine, options.heapInterval));
  } catch (error) {
    if (!cpu || options.onUnavailable === undefined) {
      for (const source of sources) source.closeSync();
      throw error;
    }
    options.onUnavailable(`no heap profiles: ${error instanceof Error ? error.message : String(error)}`);
  }
  return sources;
}

function openCpu(engine: Engine): ProfileSource {
  const session = engine.openSession();
  const taken = (snapshot: Snapshot): TakenProfile => ({ type: 'cpu', snapshot, comments: () => timeComments(snapshot.counters) });
  return {
    take: (how) => taken(session.take(how)),
    close: async () => taken(await session.close()),
    closeSync: () => taken(session.closeSync()),
  };
}

function openHeap(engine: Engine, intervalBytes: number): ProfileSource {
  const session = engine.openHeapSession(intervalBytes);
  // What memory holds, and what is missing, the addon adds itself.
  const taken = (snapshot: Encodable): TakenProfile => ({ type: 'heap', snapshot, comments: () => [] });
  const close = (): TakenProfile => taken(session.close());
  return { take: () => taken(session.take()), close: async () => close(), closeSync: close };
}
