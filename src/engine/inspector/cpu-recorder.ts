import type { ProfileHeader, EngineSession, Snapshot } from '../engine.ts';
import { encodeStacks } from './encode-stacks.ts';
import { foldCpuProfile } from './fold-cpu-profile.ts';
import { borrowConnection, giveBackConnection, type InspectorConnection } from './inspector-connection.ts';
import type { LocationTable } from './location-table.ts';
import type { CpuProfile } from './protocol.ts';
import { StackTree } from './stack-tree.ts';
import { threadCpuUs } from './thread-cpu.ts';

/** V8 keeps each sample until its recording ends; beyond this many a new recording is begun. */
const maxSamplesHeld = 100_000;

interface Recording {
  readonly profile: CpuProfile;
  readonly ownUs: number;
}

/** One session over V8's CPU profiler. Sessions do not disturb each other, nor others that profile. */
export class CpuRecorder implements EngineSession {
  readonly #connection: InspectorConnection;
  readonly #table: LocationTable;
  readonly #rateHz: number;
  readonly #onSamples: (count: number) => void;
  readonly #timer: NodeJS.Timeout;
  #period: CpuPeriod;
  #ownUs = 0;

  /** @throws EngineError when V8's profiler cannot be used */
  constructor(rateHz: number, table: LocationTable, onSamples: (count: number) => void) {
    this.#rateHz = rateHz;
    this.#table = table;
    this.#onSamples = onSamples;
    this.#connection = borrowConnection();
    this.#connection.post('Profiler.enable');
    this.#connection.post('Profiler.setSamplingInterval', { interval: Math.round(1e6 / rateHz) });
    this.#begin();
    this.#period = new CpuPeriod(rateHz, table);
    this.#timer = setInterval(() => this.#renew(), Math.min((maxSamplesHeld / rateHz) * 1000, 0x7fffffff)).unref();
  }

  take(): Snapshot {
    const period = this.#period;
    const recording = this.#end();
    this.#begin();
    this.#period = new CpuPeriod(this.#rateHz, this.#table);
    return this.#snapshot(period, recording);
  }

  closeSync(): Snapshot {
    const recording = this.#end();
    clearInterval(this.#timer);
    giveBackConnection(this.#connection);
    return this.#snapshot(this.#period, recording);
  }

  close(): Promise<Snapshot> {
    return Promise.resolve(this.closeSync());
  }

  /** A timer calls it, so it must not throw: what is wrong shows again when the period ends. */
  #renew(): void {
    try {
      const recording = this.#end();
      this.#begin();
      this.#onSamples(this.#period.add(recording));
    } catch {
      // Another profiler of the app's may have stopped this one, for instance.
    }
  }

  #begin(): void {
    const began = performance.now();
    this.#connection.post('Profiler.start');
    this.#ownUs = (performance.now() - began) * 1000;
  }

  #end(): Recording {
    const { profile } = this.#connection.post('Profiler.stop') as { readonly profile: CpuProfile };
    return { profile, ownUs: this.#ownUs };
  }

  #snapshot(period: CpuPeriod, last: Recording): Snapshot {
    period.end();
    let folded = false;
    // Not now: the turn that ends a period does nothing but that.
    const fold = (): CpuPeriod => {
      if (!folded) this.#onSamples(period.add(last));
      folded = true;
      return period;
    };
    this.#table.foldLater(fold);
    const encode = (header: ProfileHeader): Uint8Array => fold().encode(header);
    return {
      get counters() {
        return fold().counters();
      },
      encode: (header) => Promise.resolve(encode(header)),
      encodeSync: encode,
    };
  }
}

/** What was sampled since a session was opened or last taken. */
class CpuPeriod {
  readonly #tree = new StackTree(2);
  readonly #cpuAtStart = threadCpuUs();
  readonly #rateHz: number;
  readonly #table: LocationTable;
  #cpuUs: number | undefined;
  #samples = 0;
  #idleUs = 0;

  constructor(rateHz: number, table: LocationTable) {
    this.#rateHz = rateHz;
    this.#table = table;
  }

  /** Returns the number of samples. */
  add({ profile, ownUs }: Recording): number {
    const { samples, idleUs } = foldCpuProfile(profile, ownUs, this.#tree, this.#table);
    this.#samples += samples;
    this.#idleUs += idleUs;
    return samples;
  }

  end(): void {
    const now = threadCpuUs();
    this.#cpuUs = now === undefined || this.#cpuAtStart === undefined ? undefined : Math.max(0, now - this.#cpuAtStart);
  }

  counters(): Snapshot['counters'] {
    return {
      samples: this.#samples,
      idle: [{ thread: 'main', ns: this.#idleUs * 1000 }],
      ringFull: 0,
      unresolvedFrames: 0,
      truncatedStacks: 0,
      unansweredNs: 0,
      stackTableFull: 0,
    };
  }

  encode(header: ProfileHeader): Uint8Array {
    const stacks = [...this.#tree.stacks()];
    const busyUs = stacks.reduce((sum, { values }) => sum + (values[1] ?? 0), 0);
    const cpuUs = this.#cpuUs;
    // More than was sampled is at work while V8 takes the thread for idle: native code of the event loop.
    const share = cpuUs === undefined || busyUs === 0 ? 0 : Math.min(1, cpuUs / busyUs);
    const restUs = cpuUs === undefined ? 0 : cpuUs - share * busyUs;
    if (restUs > 0) stacks.push({ locations: [this.#table.programId], values: [0, restUs] });
    const values = ([count = 0, us = 0]: readonly number[], isRest: boolean): number[] => [
      count,
      ...(cpuUs === undefined ? [] : [us * (isRest ? 1 : share) * 1000]),
      us * 1000,
    ];
    const hasCpu = cpuUs !== undefined;
    return encodeStacks(
      {
        sampleTypes: [['samples', 'count'], ...(hasCpu ? ([['cpu', 'nanoseconds']] as const) : []), ['wall', 'nanoseconds']],
        defaultType: hasCpu ? 'cpu' : 'wall',
        periodType: ['wall', 'nanoseconds'],
        period: Math.round(1e9 / this.#rateHz),
        stacks: stacks.map((stack, i) => ({ ...stack, values: values(stack.values, restUs > 0 && i === stacks.length - 1) })),
      },
      { ...header, comments: [...header.comments, ...describeTimes(hasCpu)] },
      this.#table,
    );
  }
}

function describeTimes(hasCpu: boolean): string[] {
  return [
    "engine: inspector (V8's CPU profiler): main thread only, no span labels, no native frames, no inlined functions; lines of leaves only",
    hasCpu
      ? "cpu: the thread's CPU time as the system counts it, shared out among the samples by their wall time"
      : "cpu: not in this profile, for the CPU time of a thread is not known here; wall is without the waiting in the event loop",
  ];
}
