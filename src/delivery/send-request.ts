import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

import type { UploadRequest } from './backend.ts';

/** What became of a request: an answer, or none. */
export type SendOutcome =
  | { readonly status: number; readonly retryAfterMs: number | undefined; readonly detail: string }
  | { readonly failure: string };

export interface SendOptions {
  /** Gives up when nothing moved for this long, in either direction. @default 20_000 */
  readonly idleTimeoutMs?: number | undefined;
  /** Gives up after this long whatever moves. @default 300_000 */
  readonly totalTimeoutMs?: number | undefined;
  /** The whole request left this process: from here on the receiver may have it. */
  readonly onSent?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** As much of an answer as is read, to be shown. */
const maxDetailBytes = 1024;

/**
 * Sends one request on a connection of its own: with one a minute, a connection kept open would mostly be found
 * closed by the other side. Never rejects.
 */
export function sendRequest(upload: UploadRequest, options: SendOptions = {}): Promise<SendOutcome> {
  return new Promise((resolve) => {
    const { idleTimeoutMs = 20_000, totalTimeoutMs = 300_000, onSent, signal } = options;
    let request: ClientRequest;
    const settle = (outcome: SendOutcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const fail = (reason: string): void => {
      settle({ failure: reason });
      request.destroy();
    };
    const timer = setTimeout(() => fail(`not done after ${totalTimeoutMs / 1000} s`), totalTimeoutMs).unref();
    try {
      request = startRequest(upload, signal);
    } catch (error) {
      settle({ failure: messageOf(error) });
      return;
    }
    request.setTimeout(idleTimeoutMs, () => fail(`no progress for ${idleTimeoutMs / 1000} s`));
    request.on('error', (error) => settle({ failure: messageOf(error) }));
    request.on('close', () => settle({ failure: 'the connection was closed without an answer' }));
    request.on('finish', () => onSent?.());
    request.on('response', (response) => void readAnswer(response).then(settle));
    request.end(upload.body);
  });
}

function startRequest({ method, endpoint, headers, body }: UploadRequest, signal: AbortSignal | undefined): ClientRequest {
  const { url, socketPath } = endpoint;
  const options: RequestOptions = {
    method,
    agent: false,
    headers: { 'User-Agent': 'hotspan', ...headers, 'Content-Length': body.length },
    ...(signal === undefined ? {} : { signal }),
    ...(socketPath === undefined
      ? { hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port || undefined }
      : { socketPath, setHost: false }),
    path: url.pathname + url.search,
  };
  if (socketPath !== undefined) options.headers = { ...options.headers, Host: 'localhost' };
  return (url.protocol === 'https:' ? httpsRequest : httpRequest)(options);
}

async function readAnswer(response: IncomingMessage): Promise<SendOutcome> {
  const status = response.statusCode ?? 0;
  const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
  response.on('error', () => {});
  if (status < 300) {
    // Accepted is accepted, however long the rest takes.
    response.resume();
    return { status, retryAfterMs, detail: '' };
  }
  return { status, retryAfterMs, detail: await readDetail(response) };
}

/** The answer's first line, for a message: printable, short, and not waited for longer than a second. */
function readDetail(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = (): void => {
      clearTimeout(timer);
      const text = Buffer.concat(chunks).toString('utf8', 0, maxDetailBytes);
      resolve(text.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim().slice(0, 200));
      response.destroy();
    };
    const timer = setTimeout(done, 1000).unref();
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= maxDetailBytes) done();
    });
    response.on('close', done);
  });
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
export function parseRetryAfter(value: string | undefined, nowMs: number = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // With several addresses to try, Node gives an error without a message that holds theirs.
  const { code } = error as NodeJS.ErrnoException;
  return error.message || code || error.name;
}
