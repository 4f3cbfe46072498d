/** A finished profile on its way out. */
export interface FinishedProfile {
  readonly type: 'cpu';
  /** gzip pprof. */
  readonly bytes: Uint8Array;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  /** Counts the profiles of this type of this process, from 0. */
  readonly sequence: number;
  /** Whether it is the only one of its process: no rotation. */
  readonly whole: boolean;
}

/** Takes profiles to one destination. */
export interface Exporter {
  /** Rejects with a one-line message. */
  export(profile: FinishedProfile): Promise<void>;
  /** The same at the end of the process, on this thread. Throws with a one-line message. */
  exportSync(profile: FinishedProfile): void;
}
