import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads';

import { startBackgroundThread } from '../profile/background-thread.ts';
import type { OutgoingPeriod, UploadRequest } from './backend.ts';
import type { DeliveryThreadData, FromThread, ToThread } from './delivery-thread-messages.ts';
import type { Exporter, FinishedPeriod } from './exporter.ts';
import { outOfMemorySpool, type OutOfMemorySpool } from './out-of-memory-spool.ts';
import type { Resource } from './resource.ts';
import { Spool, type SpoolOptions } from './spool.ts';
import { spoolDirectory } from './spool-directory.ts';
import type { UploadTarget } from './targets.ts';
import type { DeliveryCounters } from './upload-queue.ts';

export interface DeliveryThreadOptions {
  readonly targets: readonly UploadTarget[];
  readonly spool: SpoolOptions | undefined;
  /** Asked each time: a tracer that is loaded later may bring the id of the run. */
  readonly resource: () => Resource;
  readonly log: Readonly<Record<'warn' | 'info' | 'debug', (line: string) => void>>;
}

/** Periods that the thread has not confirmed. More means that it does not answer. */
const maxUnaccepted = 16;

/**
 * Encodes, keeps and uploads profiles in a thread of its own. There, because nothing in it can hold up the app's
 * event loop or keep the process alive (a connection that is being made, or a write that nobody reads, keeps a loop
 * alive, unref or not); because no tracer of the app's sees its requests; and because it goes on sending while the
 * app's thread waits for it at the end of the process. It starts with the first period.
 */
export class DeliveryThread implements Exporter {
  readonly #options: DeliveryThreadOptions;
  readonly #flushed = new Int32Array(new SharedArrayBuffer(4));
  readonly #unaccepted = new Map<string, { period: OutgoingPeriod; settle: () => void }>();
  readonly #flushes = new Map<number, () => void>();
  #thread: { worker: Worker; port: MessagePort } | undefined;
  #counters: Readonly<Record<string, DeliveryCounters>> = {};
  #lastToken = 0;
  #breakdowns = 0;
  /** What goes wrong with each period is said once. */
  readonly #said = new Set<string>();

  constructor(options: DeliveryThreadOptions) {
    this.#options = options;
  }

  /** By destination: `<kind> <url>`. */
  get counters(): Readonly<Record<string, DeliveryCounters>> {
    return this.#counters;
  }

  /** Resolves when the period is on disk, or as safe as it can be made. */
  export(period: FinishedPeriod): Promise<void> {
    return new Promise((resolve) => this.#send(period, resolve));
  }

  exportSync(period: FinishedPeriod): void {
    this.#send(period, () => {});
  }

  /** Sends what is not worth the disk: retried for a while, in memory. `what` names it in messages. */
  sendRequest(request: UploadRequest, what: string): void {
    const { endpoint, ...rest } = request;
    this.#post({ type: 'request', what, request: { ...rest, url: endpoint.url.href, socketPath: endpoint.socketPath } });
  }

  outOfMemorySpool(startMs: number): OutOfMemorySpool | undefined {
    const { targets, spool, resource } = this.#options;
    return spool === undefined ? undefined : outOfMemorySpool({ targets, spool, resource: resource() }, startMs);
  }

  async flush(timeoutMs: number): Promise<void> {
    if (this.#thread === undefined) return;
    const token = ++this.#lastToken;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#flushes.set(token, resolve);
      // The thread keeps to the time by itself; this is for one that does not answer.
      timer = setTimeout(resolve, timeoutMs + 1000).unref();
      this.#post({ type: 'flush', token, timeoutMs, last: false });
    });
    clearTimeout(timer);
    this.#flushes.delete(token);
  }

  finishSync(timeoutMs: number): void {
    if (this.#thread === undefined) return;
    const token = ++this.#lastToken;
    const deadlineMs = performance.now() + timeoutMs;
    this.#post({ type: 'flush', token, timeoutMs: Math.max(0, timeoutMs - 50), last: true });
    for (;;) {
      const seen = Atomics.load(this.#flushed, 0);
      const leftMs = deadlineMs - performance.now();
      if (seen === token || leftMs <= 0) break;
      Atomics.wait(this.#flushed, 0, seen, leftMs);
    }
    this.#receiveNow();
    this.#keepUnaccepted();
  }

  #send(finished: FinishedPeriod, settle: () => void): void {
    const resource = this.#options.resource();
    const id = `${resource.runtimeId}-${Math.round(finished.startMs)}-${finished.sequence}`;
    if (this.#unaccepted.has(id)) return settle();
    const [oldest] = this.#unaccepted.keys();
    if (oldest !== undefined && this.#unaccepted.size >= maxUnaccepted) {
      this.#warnOnce('the delivery thread does not answer', 'the oldest profiles are dropped');
      this.#accepted(oldest);
    }
    const period: OutgoingPeriod = { ...finished, id, resource };
    this.#unaccepted.set(id, { period, settle });
    this.#post({ type: 'period', period });
  }

  #accepted(id: string): void {
    const waiting = this.#unaccepted.get(id);
    this.#unaccepted.delete(id);
    waiting?.settle();
  }

  #post(message: ToThread): void {
    try {
      this.#thread ??= this.#start();
      this.#thread.port.postMessage(message);
    } catch (error) {
      this.#warnOnce('the delivery thread cannot be started', messageOf(error));
    }
  }

  #start(): { worker: Worker; port: MessagePort } {
    const { targets, spool, resource } = this.#options;
    const { port1: port, port2 } = new MessageChannel();
    const worker = startBackgroundThread('./delivery-thread-entry', import.meta.url, {
      workerData: {
        service: resource().service,
        targets,
        spool,
        port: port2,
        flushed: this.#flushed.buffer,
      } satisfies DeliveryThreadData,
      transferList: [port2],
    });
    port.on('message', (message: FromThread) => this.#receive(message));
    worker.on('error', (error) => this.#brokeDown(worker, error.message));
    worker.on('exit', (code) => this.#brokeDown(worker, `it ended with ${code}`));
    // Last, because listening for messages holds the process.
    port.unref();
    worker.unref();
    return { worker, port };
  }

  /** What is on disk the next thread takes over; what is not is sent to it again. */
  #brokeDown(worker: Worker, reason: string): void {
    if (this.#thread?.worker !== worker) return;
    this.#thread.port.close();
    this.#thread = undefined;
    for (const resolve of this.#flushes.values()) resolve();
    this.#warnOnce('the delivery thread broke down', reason);
    // One that breaks down again and again is left alone; the next period tries once more.
    if (++this.#breakdowns > 3) return;
    for (const { period } of this.#unaccepted.values()) this.#post({ type: 'period', period });
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case 'log':
        return this.#options.log[message.level](message.line);
      case 'accepted':
        return this.#accepted(message.id);
      case 'flushed':
        return this.#flushes.get(message.token)?.();
      case 'counters':
        this.#counters = message.counters;
    }
  }

  /** The event loop does not turn any more. */
  #receiveNow(): void {
    const port = this.#thread?.port;
    if (port === undefined) return;
    for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
      this.#receive(got.message as FromThread);
    }
  }

  /** Writes to disk what the thread did not come to. */
  #keepUnaccepted(): void {
    const { targets, spool, resource } = this.#options;
    if (spool === undefined) return;
    for (const { period } of this.#unaccepted.values()) {
      for (const target of targets) {
        try {
          new Spool({ ...spool, directory: spoolDirectory(spool.directory, resource().service, target) }).putSync(period);
        } catch (error) {
          this.#warnOnce(`the last profile for ${target.kind} is lost`, messageOf(error));
        }
      }
    }
    this.#unaccepted.clear();
  }

  #warnOnce(what: string, why: string): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#options.log.warn(`${what}: ${why}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
