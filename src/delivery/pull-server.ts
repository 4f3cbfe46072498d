import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';

import { type Metric, prometheusContentType, renderPrometheus } from './prometheus-text.ts';

/** What can be asked for by one path. */
export interface PullSource {
  readonly path: string;
  readonly help: string;
  /** Length when the request names none, in seconds. Undefined: it is a moment, and takes no `seconds`. */
  readonly defaultSeconds?: number;
  /** Gives gzip pprof; rejects with a one-line message. `signal` tells that nobody waits any more. */
  take(seconds: number, signal: AbortSignal): Promise<Uint8Array>;
}

export interface PullServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Asked for as `Authorization: Bearer …`. */
  readonly token: string | undefined;
  readonly sources: readonly PullSource[];
  readonly metrics: () => readonly Metric[];
}

export interface PullServer {
  /** `HOST:PORT` as it listens. */
  readonly address: string;
  readonly port: number;
  close(): void;
}

const maxSeconds = 3600;

// Read with the start of the server: the app may replace it, and Node loads what is behind it when it is first read.
const { AbortController } = globalThis;

/**
 * Serves profiles on request under the paths of Go's net/http/pprof, so that `go tool pprof` and scrapers work as
 * they are, and metrics. Does not keep the process alive. Rejects when it cannot listen.
 */
export function startPullServer(options: PullServerOptions): Promise<PullServer> {
  const server = createServer({ keepAliveTimeout: 5000, headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 2000 }, createHandler(options));
  // Of the app's file descriptors, whoever connects.
  server.maxConnections = 16;
  server.on('connection', (socket) => socket.unref());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Exclusive: in a cluster each process has profiles of its own, and must not answer for another.
    server.listen({ host: options.host, port: options.port, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve(serverHandle(server));
    });
  });
}

function serverHandle(server: Server): PullServer {
  const { address, port, family } = server.address() as AddressInfo;
  return {
    address: `${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** An answer that is not a profile: what went wrong, in one line. */
class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

function createHandler(options: PullServerOptions): Handler {
  const busy = new Set<string>();
  return (request, response) => {
    answer(options, busy, request, response).catch((error: unknown) => {
      const known = error instanceof HttpError ? error : new HttpError(500, error instanceof Error ? error.message : String(error));
      send(response, known.status, 'text/plain; charset=utf-8', `${known.message}\n`, known.headers);
    });
  };
}

async function answer(options: PullServerOptions, busy: Set<string>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  checkCaller(options, request);
  const url = parseTarget(request.url);
  const source = options.sources.find(({ path }) => path === url.pathname);
  const isIndex = /^\/debug\/pprof\/?$/.test(url.pathname);
  if (source === undefined && !isIndex && url.pathname !== '/metrics') {
    throw new HttpError(404, 'not found; /debug/pprof/ lists what there is');
  }
  if (request.method !== 'GET') throw new HttpError(405, `${request.method} is not possible here, only GET`, { Allow: 'GET' });
  if (source !== undefined) return sendProfile(source, url.searchParams, busy, request, response);
  checkParameters(url.searchParams, []);
  if (isIndex) send(response, 200, 'text/plain; charset=utf-8', renderIndex(options.sources));
  else send(response, 200, prometheusContentType, renderPrometheus(options.metrics()));
}

async function sendProfile(
  source: PullSource,
  parameters: URLSearchParams,
  busy: Set<string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const seconds = readSeconds(source, parameters);
  if (busy.has(source.path)) throw new HttpError(409, `another request takes ${source.path} at this time; try again when it is done`);
  busy.add(source.path);
  const left = new AbortController();
  const abort = (): void => left.abort();
  const { socket } = request;
  socket.once('close', abort);
  try {
    const bytes = await source.take(seconds, left.signal);
    // As Go has it: the content is a gzip file, not a gzip-encoded answer, so nobody decompresses it on the way.
    send(response, 200, 'application/octet-stream', bytes, {
      'Content-Disposition': `attachment; filename="${source.path.slice(source.path.lastIndexOf('/') + 1)}"`,
    });
  } finally {
    busy.delete(source.path);
    // The connection may carry more requests.
    socket.off('close', abort);
  }
}

function readSeconds({ defaultSeconds, path }: PullSource, parameters: URLSearchParams): number {
  checkParameters(parameters, defaultSeconds === undefined ? [] : ['seconds']);
  if (defaultSeconds === undefined) return 0;
  const given = parameters.get('seconds');
  if (given === null) return defaultSeconds;
  const seconds = /^\d+(\.\d+)?$/.test(given) ? Number(given) : NaN;
  if (seconds > 0 && seconds <= maxSeconds) return seconds;
  throw new HttpError(400, `${path}: seconds must be a number above 0, at most ${maxSeconds}`);
}

function checkParameters(parameters: URLSearchParams, known: readonly string[]): void {
  for (const [name, value] of parameters) {
    if (known.includes(name)) continue;
    // Go's way to ask for the binary form, which is the only one.
    if (name === 'debug' && value === '0') continue;
    throw new HttpError(400, `unknown parameter ${JSON.stringify(name)}${known.length > 0 ? `; known: ${known.join(', ')}` : ''}`);
  }
}

function parseTarget(target = '/'): URL {
  // Not a URL to resolve: `//host/x` is a path here.
  const url = target.startsWith('/') ? `http://localhost${target}` : target;
  if (!URL.canParse(url)) throw new HttpError(400, 'the request names no path');
  return new URL(url);
}

/**
 * Authorizes a caller: with a token, one that sends it; without, any that can reach the address, but no web page, which
 * may make a browser ask, by a name of its own that resolves to this machine (DNS rebinding) or from another site.
 */
function checkCaller({ token, host }: PullServerOptions, request: IncomingMessage): void {
  if (token !== undefined) {
    const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    if (given !== undefined && timingSafeEqual(digest(given.trim()), digest(token))) return;
    throw new HttpError(401, 'a token is needed: Authorization: Bearer …', { 'WWW-Authenticate': 'Bearer' });
  }
  const { origin, host: asked = '' } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin !== undefined || (site !== undefined && site !== 'none' && site !== 'same-origin')) {
    throw new HttpError(403, 'a web page may not ask: open the address itself, or set HOTSPAN_HTTP_TOKEN');
  }
  const isLoopback = /^(127\.|::1$|localhost$)/.test(host);
  const name = asked.replace(/:\d+$/, '').toLowerCase();
  if (isLoopback ? !loopbackNames.test(name) : !isOwnName(name, host)) {
    throw new HttpError(403, `ask by ${isLoopback ? '127.0.0.1 or localhost' : 'the address of the machine, or a name within its network'}, or set HOTSPAN_HTTP_TOKEN`);
  }
}

const loopbackNames = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/;
/** Addresses, and names that cannot be registered on the Internet: single words, and names within clusters and local networks. */
const localNames = /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.%]+\]|[^.]+|.+\.(?:local|localhost|internal|svc|lan|home\.arpa))$/;

function isOwnName(name: string, host: string): boolean {
  return localNames.test(name) || name === host.toLowerCase() || name === hostname().toLowerCase();
}

function renderIndex(sources: readonly PullSource[]): string {
  const width = Math.max(...sources.map(({ path }) => path.length));
  const lines = sources.map(({ path, help, defaultSeconds }) => {
    const seconds = defaultSeconds === undefined ? '' : `; ?seconds=N, else ${defaultSeconds}`;
    return `${path.padEnd(width)}  ${help}${seconds}`;
  });
  return `hotspan\n\n${lines.join('\n')}\n${'/metrics'.padEnd(width)}  metrics of the profiler itself\n`;
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(body);
}
