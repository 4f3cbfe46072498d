import type { MessagePort } from 'node:worker_threads';

import type { UploadRequest } from './backend.ts';
import type { DeliveryThreadData, FromThread, PlainRequest, ToThread } from './delivery-thread-messages.ts';
import { RequestQueue } from './request-queue.ts';
import { sendRequest } from './send-request.ts';
import { Spool } from './spool.ts';
import { spoolDirectory } from './spool-directory.ts';
import { createBackend, type UploadTarget } from './targets.ts';
import { UploadQueue } from './upload-queue.ts';

/** What the delivery thread does: a queue for each destination, fed through `port`. */
export class DeliveryService {
  readonly #config: Omit<DeliveryThreadData, 'port'>;
  readonly #port: MessagePort;
  readonly #queues: ReadonlyMap<string, UploadQueue>;
  readonly #requests: RequestQueue;
  readonly #accepting = new Set<Promise<void>>();

  constructor(config: Omit<DeliveryThreadData, 'port'>, port: MessagePort) {
    this.#config = config;
    this.#port = port;
    this.#queues = new Map(config.targets.map((target) => [`${target.kind} ${target.url}`, this.#createQueue(target)]));
    this.#requests = new RequestQueue({ send: sendRequest, log: (level, line) => this.#post({ type: 'log', level, line }) });
    port.on('message', (message: ToThread) => this.#handle(message));
    for (const queue of this.#queues.values()) queue.start();
  }

  #createQueue(target: UploadTarget): UploadQueue {
    const { spool, service } = this.#config;
    return new UploadQueue({
      backend: createBackend(target),
      spool: spool && new Spool({ ...spool, directory: spoolDirectory(spool.directory, service, target) }),
      send: sendRequest,
      log: (level, line) => this.#post({ type: 'log', level, line }),
      onChange: () => this.#postCounters(),
    });
  }

  #handle(message: ToThread): void {
    switch (message.type) {
      case 'period': {
        const { period } = message;
        const accepting = Promise.all([...this.#queues.values()].map((queue) => queue.accept(period))).then(() => {
          this.#accepting.delete(accepting);
          this.#post({ type: 'accepted', id: period.id });
        });
        this.#accepting.add(accepting);
        return;
      }
      case 'request':
        this.#requests.add(revive(message.request), message.what);
        return;
      case 'flush':
        void this.#flush(message.timeoutMs).then(() => {
          if (message.last) for (const queue of this.#queues.values()) queue.abandon();
          this.#flushed(message.token);
        });
    }
  }

  async #flush(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    const leftMs = (): number => Math.max(0, deadlineMs - performance.now());
    await Promise.all(this.#accepting);
    const queues = [...this.#queues.values(), this.#requests];
    await Promise.all(queues.map((queue) => queue.flush(leftMs())));
  }

  #flushed(token: number): void {
    // Before the signal: who is woken by it reads the messages at once.
    this.#post({ type: 'flushed', token });
    const flushed = new Int32Array(this.#config.flushed);
    Atomics.store(flushed, 0, token);
    Atomics.notify(flushed, 0);
  }

  #postCounters(): void {
    // A queue may report before the map of queues is there.
    if (this.#queues === undefined) return;
    const counters = Object.fromEntries([...this.#queues].map(([name, queue]) => [name, { ...queue.counters }]));
    this.#post({ type: 'counters', counters });
  }

  #post(message: FromThread): void {
    this.#port.postMessage(message);
  }
}

function revive({ url, socketPath, ...rest }: PlainRequest): UploadRequest {
  return { ...rest, endpoint: { url: new URL(url), socketPath } };
}
