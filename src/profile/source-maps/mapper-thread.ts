import type { Worker } from 'node:worker_threads';
import { startBackgroundThread } from '../background-thread.ts';
import type { LoadOptions } from './load-source-map.ts';
import type { MapScriptResult } from './map-script.ts';
import type { UnmappedScript } from './positions.ts';

export interface MapperThreadOptions extends LoadOptions {
  /** The worker ends after this long without work. @default 5000 */
  readonly idleMs?: number | undefined;
  /** A script that takes longer is given up, and the worker with it. @default 60_000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * A worker thread that maps one script at a time. Starts on first use, ends when idle, and never keeps the process
 * alive: a process that has nothing else to do exits with the promise still open.
 */
export class MapperThread {
  readonly #options: MapperThreadOptions;
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #pending: PendingRequest | undefined;

  constructor(options: MapperThreadOptions) {
    this.#options = options;
  }

  /** Rejects when the thread dies or runs out of time. REQUIRES: the previous call has settled. */
  async run(script: UnmappedScript): Promise<MapScriptResult> {
    clearTimeout(this.#idleTimer);
    const { timeoutMs = 60_000, idleMs = 5000 } = this.#options;
    let timeout: NodeJS.Timeout | undefined;
    try {
      this.#worker ??= this.#start();
      const worker = this.#worker;
      return await new Promise<MapScriptResult>((resolve, reject) => {
        this.#pending = { resolve, reject };
        timeout = setTimeout(() => reject(new Error(`not done after ${timeoutMs} ms`)), timeoutMs).unref();
        worker.postMessage(script);
      });
    } catch (error) {
      this.#stop();
      throw error;
    } finally {
      this.#pending = undefined;
      clearTimeout(timeout);
      this.#idleTimer = setTimeout(() => this.#stop(), idleMs).unref();
    }
  }

  #start(): Worker {
    const worker = startWorker(this.#options);
    const fail = (error: Error): void => {
      // One that was given up before has nobody waiting; its error must still not become an uncaught exception.
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#pending?.reject(error);
    };
    worker.on('message', (result: MapScriptResult) => {
      if (this.#worker === worker) this.#pending?.resolve(result);
    });
    worker.on('messageerror', fail);
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`the mapping thread ended with ${code}`)));
    // Last, because listening for messages holds the process.
    worker.unref();
    return worker;
  }

  #stop(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    clearTimeout(this.#idleTimer);
    if (worker !== undefined) void worker.terminate();
  }
}

/** What the worker gets to know at its start. */
export interface MapperThreadData { readonly sourceMapLimits: LoadOptions }

interface PendingRequest {
  readonly resolve: (result: MapScriptResult) => void;
  readonly reject: (error: Error) => void;
}

/** What is read is bounded, see LoadOptions: a thread's heap cannot be. */
function startWorker({ maxBytes }: MapperThreadOptions): Worker {
  return startBackgroundThread('./mapper-thread-entry', import.meta.url, {
    workerData: { sourceMapLimits: { maxBytes } } satisfies MapperThreadData,
  });
}
