import type { Backend, OutgoingPeriod, UploadRequest } from './backend.ts';
import { longestAskedMs, retryDelayMs } from './retry-delay.ts';
import type { SendOptions, SendOutcome } from './send-request.ts';
import type { Spool, SpoolEntry } from './spool.ts';

/** What became of the periods of one destination. */
export interface DeliveryCounters {
  /** Accepted by the backend. */
  sent: number;
  /** Attempts that failed and are made again. */
  retries: number;
  /** Refused for good by the backend: it would refuse them again. */
  rejected: number;
  /** Given up: too old, or more than may be kept. */
  dropped: number;
  /** Waiting now, in memory or on disk. */
  waiting: number;
  /** On disk now, of all processes that share the spool. */
  spooledBytes: number;
}

export interface UploadQueueParts {
  readonly backend: Backend;
  /** Undefined: nothing is kept on disk. */
  readonly spool: Spool | undefined;
  readonly send: (request: UploadRequest, options: SendOptions) => Promise<SendOutcome>;
  readonly log: (level: 'warn' | 'info' | 'debug', line: string) => void;
  /** After each change of the counters. */
  readonly onChange?: () => void;
  /** Of periods that could not be written to disk. @default 16 MiB */
  readonly maxMemoryBytes?: number;
}

interface Waiting {
  readonly id: string;
  readonly endMs: number;
  /** On disk; undefined when it could not be written there. */
  readonly entry: SpoolEntry | undefined;
  /** In memory: before the first attempt, and for good when it is not on disk. */
  period: OutgoingPeriod | undefined;
}

/** Attempts of a flush, a tenth of a second apart, to send what is in memory alone to a backend that does not answer. */
const attemptsAtTheEnd = 2;

/** How long before what other processes left is looked for again. */
const scanIntervalMs = 60_000;

/**
 * Sends the periods of this process, and what ended processes of the same service left, to one backend: one at a
 * time, again and again until it is accepted, refused or too old. Nothing here rejects.
 */
export class UploadQueue {
  readonly counters: DeliveryCounters = { sent: 0, retries: 0, rejected: 0, dropped: 0, waiting: 0, spooledBytes: 0 };
  readonly #parts: UploadQueueParts;
  readonly #waiting: Waiting[] = [];
  readonly #said = new Set<string>();
  #failures = 0;
  // These by performance.now(): the calendar clock may be set back by hours.
  #notBeforeMs = 0;
  /** The part of it that the backend asked for. */
  #askedNotBeforeMs = 0;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  /** While somebody waits for the end: what fails then is not waited for. */
  #flushing = false;
  /** Attempts without an answer since the flush began. */
  #unanswered = 0;
  #scanned: Promise<void> | undefined;
  #nextScanMs = 0;

  constructor(parts: UploadQueueParts) {
    this.#parts = parts;
  }

  /** Resolves when the period is on disk, or held in memory because it cannot be. Its delivery goes on behind. */
  async accept(period: OutgoingPeriod): Promise<void> {
    const entry = await this.#store(period);
    // Given again because the thread that had it broke down, and found on disk before it arrived.
    if (entry !== undefined && this.#waiting.some((item) => item.entry?.name === entry.name)) return;
    this.#waiting.push({ id: period.id, endMs: period.endMs, entry, period });
    this.#boundMemory();
    this.#changed();
    void this.#start();
  }

  /** Begins to send what ended processes left. */
  start(): void {
    void this.#start();
  }

  /**
   * Resolves at the first of these: no period waits; an attempt failed and all periods are on disk; two attempts got no
   * answer; `timeoutMs` is over. Attempts are made at once, unless the backend asked for a time.
   */
  async flush(timeoutMs: number): Promise<void> {
    this.#flushing = true;
    this.#unanswered = 0;
    this.#notBeforeMs = this.#askedNotBeforeMs;
    this.#wake?.();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
    const done = async (): Promise<void> => {
      await this.#running;
      // What arrived while the last run ended.
      if (this.#waiting.length > 0 && this.#failures === 0) await this.#start();
    };
    await Promise.race([done(), timeout]);
    clearTimeout(timer);
    this.#flushing = false;
    if (this.#waiting.length > 0) void this.#start();
  }

  /** To be called when the process ends: counts and reports the periods that are in memory alone. */
  abandon(): void {
    const lost = this.#waiting.filter(({ entry }) => entry === undefined).length;
    if (lost === 0) return;
    this.counters.dropped += lost;
    const { backend, log } = this.#parts;
    log('warn', `${lost === 1 ? 'a profile' : `${lost} profiles`} for ${backend.kind} at ${backend.destination} ${lost === 1 ? 'is' : 'are'} lost: not sent when the process ended, and not kept on disk`);
  }

  async #store(period: OutgoingPeriod): Promise<SpoolEntry | undefined> {
    const { spool, backend } = this.#parts;
    if (spool === undefined) return undefined;
    try {
      const entry = await spool.put(period);
      this.#said.delete('spool');
      this.counters.spooledBytes += entry.bytes;
      return entry;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#sayOnce('spool', `profiles for ${backend.kind} cannot be kept on disk, only in memory: ${reason}`);
      return undefined;
    }
  }

  /** Oldest first. */
  #boundMemory(): void {
    const { maxMemoryBytes = 16 * 1024 * 1024 } = this.#parts;
    let held = 0;
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const item = this.#waiting[i];
      if (item?.period === undefined) continue;
      held += item.period.profiles.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (held <= maxMemoryBytes) continue;
      item.period = undefined;
      if (item.entry === undefined) {
        this.#waiting.splice(i, 1);
        this.#drop('more profiles wait than fit in memory; the oldest are dropped');
      }
    }
  }

  #start(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#scan();
      const item = this.#waiting[0];
      if (item === undefined) return;
      const waitMs = this.#notBeforeMs - performance.now();
      if (waitMs > 0) {
        const isSafe = this.#waiting.every(({ entry }) => entry !== undefined);
        if (this.#flushing && (isSafe || this.#unanswered >= attemptsAtTheEnd)) return;
        await this.#sleep(this.#flushing ? Math.min(waitMs, 100) : waitMs);
        if (this.#flushing) this.#notBeforeMs = this.#askedNotBeforeMs;
        continue;
      }
      const isDone = await this.#attempt(item);
      const at = this.#waiting.indexOf(item);
      if (at < 0) continue; // dropped meanwhile, because there was too much
      this.#waiting.splice(at, 1);
      // To the end: one that the backend cannot take must not stand before the others.
      if (!isDone) this.#waiting.push(item);
      this.#changed();
    }
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

  /** True when the item needs no further attempt. */
  async #attempt(item: Waiting): Promise<boolean> {
    const { backend, spool } = this.#parts;
    if (item.endMs < Date.now() - backend.maxAgeMs) {
      await this.#discard(item);
      this.#drop(`profiles older than ${backend.maxAgeMs / 60_000} minutes are not sent`);
      return true;
    }
    const request = await this.#requestOf(item);
    if (request === undefined) return true;
    const { entry } = item;
    let marking: Promise<void> | undefined;
    const outcome = await this.#parts.send(request, {
      onSent: () => {
        if (entry !== undefined) marking = spool?.markSent(entry);
      },
    });
    await marking;
    if ('status' in outcome && outcome.status < 300) {
      await this.#discard(item);
      this.#succeeded(item);
      return true;
    }
    if ('status' in outcome && outcome.status !== 429 && outcome.status < 500) {
      await this.#discard(item);
      this.counters.rejected++;
      const { status, detail } = outcome;
      this.#sayOnce(`status ${status}`, `${backend.kind} at ${backend.destination} refuses profiles with ${status}${detail === '' ? '' : `: ${detail}`}`);
      return true;
    }
    if (entry !== undefined) await spool?.markHeld(entry);
    this.#failed(item, outcome);
    return false;
  }

  /** Undefined when there is nothing to send. */
  async #requestOf(item: Waiting): Promise<UploadRequest | undefined> {
    const { backend, spool } = this.#parts;
    const period = item.period ?? (item.entry === undefined ? undefined : await spool?.read(item.entry));
    if (period === undefined) {
      // Another process made room for a newer one.
      this.#drop('profiles on disk were gone before they could be sent');
      return undefined;
    }
    try {
      const request = backend.encode(period);
      if (request === undefined) await this.#discard(item);
      return request;
    } catch (error) {
      await this.#discard(item);
      this.counters.rejected++;
      this.#sayOnce('encode', `a profile cannot be made ready for ${backend.kind}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  #succeeded(item: Waiting): void {
    const { backend, log } = this.#parts;
    this.counters.sent++;
    if (this.#failures > 0) log('info', `${backend.kind} at ${backend.destination} takes profiles again`);
    else log('debug', `${backend.kind} took profile ${item.id}`);
    this.#failures = 0;
    this.#notBeforeMs = this.#askedNotBeforeMs = 0;
    this.#said.delete('failed');
  }

  #failed(item: Waiting, outcome: SendOutcome): void {
    const { backend } = this.#parts;
    if (item.entry !== undefined) item.period = undefined;
    this.counters.retries++;
    const retryAfterMs = 'status' in outcome ? outcome.retryAfterMs : undefined;
    const nowMs = performance.now();
    this.#askedNotBeforeMs = retryAfterMs === undefined ? 0 : nowMs + Math.min(retryAfterMs, longestAskedMs);
    this.#notBeforeMs = Math.max(nowMs + retryDelayMs(this.#failures), this.#askedNotBeforeMs);
    this.#failures++;
    const isAnswer = 'status' in outcome;
    if (!isAnswer) this.#unanswered++;
    const reason = isAnswer ? `answered ${outcome.status}` : outcome.failure;
    const kept = item.entry === undefined ? 'in memory alone, and sent later if the process lives until then' : 'and sent later';
    this.#sayOnce('failed', `${backend.kind} at ${backend.destination} cannot be reached (${reason}); profiles are kept ${kept}`);
  }

  async #discard({ entry }: Waiting): Promise<void> {
    if (entry === undefined) return;
    await this.#parts.spool?.remove(entry);
    this.counters.spooledBytes = Math.max(0, this.counters.spooledBytes - entry.bytes);
  }

  #drop(why: string): void {
    this.counters.dropped++;
    this.#sayOnce(why, `${this.#parts.backend.kind}: ${why}`);
  }

  /** At the start and now and then: takes over what ended processes left, and keeps the spool within its bounds. */
  async #scan(): Promise<void> {
    const { spool } = this.#parts;
    if (spool === undefined || performance.now() < this.#nextScanMs) return this.#scanned;
    this.#nextScanMs = performance.now() + scanIntervalMs * (0.5 + Math.random());
    this.#scanned = this.#scanNow(spool).finally(() => (this.#scanned = undefined));
    return this.#scanned;
  }

  async #scanNow(spool: Spool): Promise<void> {
    const { adopted, dropped, totalBytes } = await spool.scan();
    this.counters.spooledBytes = totalBytes;
    for (const entry of adopted) this.#waiting.push({ id: entry.name, endMs: entry.endMs, entry, period: undefined });
    const gone = new Set(dropped.map(({ name }) => name));
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      if (gone.has(this.#waiting[i]?.entry?.name ?? '')) this.#waiting.splice(i, 1);
    }
    for (const _ of dropped) this.#drop('the spool is full or what is in it too old; the oldest profiles are dropped');
    if (adopted.length > 0) this.#parts.log('info', `found ${adopted.length} profiles of an earlier run for ${this.#parts.backend.kind}`);
    this.#changed();
  }

  #changed(): void {
    this.counters.waiting = this.#waiting.length;
    this.#parts.onChange?.();
  }

  /** What goes wrong each minute is said once, until it has gone well in between. */
  #sayOnce(key: string, line: string): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#parts.log('warn', line);
  }
}
