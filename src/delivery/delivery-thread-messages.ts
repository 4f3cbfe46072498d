import type { MessagePort } from 'node:worker_threads';
import type { OutgoingPeriod, UploadRequest } from './backend.ts';
import type { SpoolOptions } from './spool.ts';
import type { UploadTarget } from './targets.ts';
import type { DeliveryCounters } from './upload-queue.ts';

/** The border between the app's thread and the delivery thread. */
export interface DeliveryThreadData {
  readonly service: string;
  readonly targets: readonly UploadTarget[];
  /** With the directory that holds those of all services. Undefined: nothing is kept on disk. */
  readonly spool: SpoolOptions | undefined;
  readonly port: MessagePort;
  /** One int32: the token of the last flush that is done. The app's thread may block on it. */
  readonly flushed: SharedArrayBuffer;
}

/** A request as a plain value: a URL cannot be sent from thread to thread. */
export interface PlainRequest extends Omit<UploadRequest, 'endpoint'> {
  readonly url: string;
  readonly socketPath: string | undefined;
}

export type ToThread =
  | { readonly type: 'period'; readonly period: OutgoingPeriod }
  | { readonly type: 'request'; readonly request: PlainRequest; readonly what: string }
  | { readonly type: 'flush'; readonly token: number; readonly timeoutMs: number; readonly last: boolean };

export type FromThread =
  | { readonly type: 'log'; readonly level: 'warn' | 'info' | 'debug'; readonly line: string }
  /** The period is on disk, or as safe as it can be. */
  | { readonly type: 'accepted'; readonly id: string }
  | { readonly type: 'flushed'; readonly token: number }
  | { readonly type: 'counters'; readonly counters: Readonly<Record<string, DeliveryCounters>> };
