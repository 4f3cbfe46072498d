import type { UploadRequest } from './backend.ts';
import { longestAskedMs, retryDelayMs } from './retry-delay.ts';
import type { SendOptions, SendOutcome } from './send-request.ts';

export interface RequestQueueParts {
  readonly send: (request: UploadRequest, options: SendOptions) => Promise<SendOutcome>;
  readonly log: (level: 'warn', line: string) => void;
  /** @default 8 MiB */
  readonly maxBytes?: number;
}

interface WaitingRequest { readonly request: UploadRequest; readonly what: string }

/**
 * Sends requests that are worth some retries but no disk: spans. One at a time, in memory, bounded; the oldest go
 * first. Nothing here rejects.
 */
export class RequestQueue {
  readonly counters = { sent: 0, retries: 0, rejected: 0, dropped: 0 };
  readonly #parts: RequestQueueParts;
  readonly #waiting: WaitingRequest[] = [];
  readonly #said = new Set<string>();
  #failures = 0;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #flushing = false;

  constructor(parts: RequestQueueParts) {
    this.#parts = parts;
  }

  /** @param what names the content, for messages: `spans` */
  add(request: UploadRequest, what: string): void {
    this.#waiting.push({ request, what });
    const bytes = (): number => this.#waiting.reduce((sum, each) => sum + each.request.body.length, 0);
    while (this.#waiting.length > 1 && bytes() > (this.#parts.maxBytes ?? 8 * 1024 * 1024)) {
      this.#waiting.shift();
      this.counters.dropped++;
    }
    this.#start();
  }

  /** Resolves when nothing waits, when an attempt has failed, or after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    this.#flushing = true;
    this.#wake?.();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
    await Promise.race([this.#running, timeout]);
    clearTimeout(timer);
    this.#flushing = false;
    if (this.#waiting.length > 0) this.#start();
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  async #run(): Promise<void> {
    for (let item = this.#waiting[0]; item !== undefined; item = this.#waiting[0]) {
      const outcome = await this.#parts.send(item.request, {});
      const status = 'status' in outcome ? outcome.status : undefined;
      if (status !== undefined && status < 500 && status !== 429) {
        const at = this.#waiting.indexOf(item);
        if (at >= 0) this.#waiting.splice(at, 1);
        this.#settled(item, status, 'detail' in outcome ? outcome.detail : '');
        continue;
      }
      this.counters.retries++;
      this.#sayOnce('failed', `${item.what} cannot be delivered (${'failure' in outcome ? outcome.failure : `answered ${status}`}); trying again`);
      if (this.#flushing) return;
      const askedMs = 'retryAfterMs' in outcome ? (outcome.retryAfterMs ?? 0) : 0;
      await this.#sleep(Math.max(retryDelayMs(this.#failures++), Math.min(askedMs, longestAskedMs)));
    }
  }

  #settled({ what }: WaitingRequest, status: number, detail: string): void {
    this.#failures = 0;
    if (status < 300) {
      this.counters.sent++;
      this.#said.delete('failed');
      return;
    }
    this.counters.rejected++;
    this.#sayOnce(`status ${status}`, `${what} are refused with ${status}${detail === '' ? '' : `: ${detail}`}`);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #sayOnce(key: string, line: string): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#parts.log('warn', line);
  }
}
