import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** What it was answered; 0 when it was not. */
  status: number;
}

/** How the server treats a request: with a status, or by itself. `number` is that of the request, from 0. */
export type Behaviour = (number: number, request: IncomingMessage, response: ServerResponse) => number | undefined;

/** Keeps every request it gets, whole, and answers as it is told. */
export class RecordingServer {
  readonly requests: RecordedRequest[] = [];
  behaviour: Behaviour = () => 202;
  headers: Record<string, string> = {};
  #server: Server | undefined;
  #waiters: (() => void)[] = [];

  /** @param where a port of 127.0.0.1, 0 for any, or the path of a unix socket */
  async listen(where: number | string = 0): Promise<void> {
    this.#server = createServer((request, response) => void this.#record(request, response));
    if (typeof where === 'string') this.#server.listen(where);
    else this.#server.listen(where, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server!.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Those that were answered with 2xx. */
  get accepted(): RecordedRequest[] {
    return this.requests.filter(({ status }) => status >= 200 && status < 300);
  }

  /** Waits until `count` requests were answered with 2xx. */
  async untilAccepted(count: number, timeoutMs = 20_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.accepted.length < count) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${this.accepted.length} of ${count} requests accepted after ${timeoutMs} ms`);
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => this.#waiters.push(resolve)),
        new Promise((resolve) => (timer = setTimeout(resolve, left))),
      ]);
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  async #record(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const recorded: RecordedRequest = { method: request.method!, path: request.url!, headers: request.headers, body: Buffer.alloc(0), status: 0 };
    const number = this.requests.push(recorded) - 1;
    response.on('error', () => {});
    response.on('finish', () => {
      recorded.status = response.statusCode;
      for (const wake of this.#waiters.splice(0)) wake();
    });
    const early = this.behaviour(number, request, response);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the client went away, or we did
    }
    recorded.body = Buffer.concat(chunks);
    if (early === undefined) return;
    response.writeHead(early, this.headers);
    response.end();
  }
}
