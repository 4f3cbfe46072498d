import type { OutOfMemorySpool } from './out-of-memory-spool.ts';

/** A finished profile on its way out. */
export interface FinishedProfile {
  readonly type: 'cpu' | 'heap';
  /** gzip pprof. */
  readonly bytes: Uint8Array;
}

/** The profiles of one period of one process. */
export interface FinishedPeriod {
  /** At most one of each type, all of the same time. */
  readonly profiles: readonly FinishedProfile[];
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  /** Counts the periods of this process, from 0. */
  readonly sequence: number;
  /** Whether it is the only one of its process: no rotation. */
  readonly whole: boolean;
  /** Whether profiling ended with it. */
  readonly last: boolean;
  /** Whether it was taken because memory ran out; it holds a heap profile then and nothing else. */
  readonly outOfMemory?: boolean | undefined;
  /** Requests that ended in the period, by endpoint; left out when nobody counts them. */
  readonly endpointCounts?: Readonly<Record<string, number>> | undefined;
}

/** Takes profiles to one destination. */
export interface Exporter {
  /** Settles when the period cannot get lost any more. Rejects with a one-line message. */
  export(period: FinishedPeriod): Promise<void>;
  /**
   * The same at the end of the process, on this thread. Throws with a one-line message.
   * A period that was already given to `export` and is not settled may be given again; it is not delivered twice.
   */
  exportSync(period: FinishedPeriod): void;
  /** Waits until all that was exported is delivered, at most `timeoutMs`. Never rejects. */
  flush?(timeoutMs: number): Promise<void>;
  /** Where a heap profile is kept for this exporter when memory runs out; undefined for nowhere. */
  outOfMemorySpool?(startMs: number): OutOfMemorySpool | undefined;
  /** After the last `exportSync`: the same, blocking this thread. What is not delivered by then is kept on disk. */
  finishSync?(timeoutMs: number): void;
}
