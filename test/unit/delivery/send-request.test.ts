import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UploadRequest } from '../../../src/delivery/backend.ts';
import { parseRetryAfter, sendRequest } from '../../../src/delivery/send-request.ts';
import { endpointOf } from '../../../src/delivery/targets.ts';
import { RecordingServer } from '../../support/recording-server.ts';

const upload = (url: string, body = Buffer.from('body')): UploadRequest => ({ method: 'POST', endpoint: endpointOf(url, '/profiling/v1/input'), headers: { 'X-A': 'b' }, body });

describe('sendRequest', () => {
  let server: RecordingServer;
  beforeEach(async () => {
    server = new RecordingServer();
    await server.listen();
  });
  afterEach(() => server.close());

  it('delivers method, path, headers and body, and tells when it left', async () => {
    let sent = 0;
    const outcome = await sendRequest(upload(`${server.url}/a/b?c=d`), { onSent: () => sent++ });
    assert.deepEqual(outcome, { status: 202, retryAfterMs: undefined, detail: '' });
    const [{ method, path, headers, body } = assert.fail()] = server.requests;
    assert.deepEqual([method, path, headers['x-a'], headers['content-length'], body.toString(), sent], ['POST', '/a/b?c=d', 'b', '4', 'body', 1]);
  });

  it('speaks to a unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hotspan-socket-'));
    const local = new RecordingServer();
    try {
      const path = join(directory, 'apm.socket');
      await local.listen(path);
      assert.deepEqual(await sendRequest(upload(`unix://${path}`)), { status: 202, retryAfterMs: undefined, detail: '' });
      assert.deepEqual(local.requests.map((request) => [request.path, request.headers.host]), [['/profiling/v1/input', 'localhost']]);
    } finally {
      await local.close();
      rmSync(directory, { recursive: true });
    }
  });

  it('shows what a refusal says, on one line', async () => {
    server.behaviour = (_, __, response) => {
      response.writeHead(413).end('too\n\u001b[31mlarge');
      return undefined;
    };
    assert.deepEqual(await sendRequest(upload(server.url)), { status: 413, retryAfterMs: undefined, detail: 'too [31mlarge' });
  });

  it('gives up when nothing moves, and after a time whatever moves', async () => {
    server.behaviour = () => undefined;
    assert.deepEqual(await sendRequest(upload(server.url), { idleTimeoutMs: 60 }), { failure: 'no progress for 0.06 s' });
    assert.deepEqual(await sendRequest(upload(server.url), { totalTimeoutMs: 60 }), { failure: 'not done after 0.06 s' });
  });

  it('names the reason when nobody listens or the connection breaks', async () => {
    const { url } = server;
    server.behaviour = (_, request) => void request.socket.destroy();
    const reset = await sendRequest(upload(url));
    assert.match('failure' in reset ? reset.failure : '', /socket hang up|ECONNRESET/);
    await server.close();
    const refused = await sendRequest(upload(url));
    assert.match('failure' in refused ? refused.failure : '', /ECONNREFUSED/);
  });

  it('takes an answer that comes a byte at a time for what it is', async () => {
    const raw: Server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        const bytes = [...'HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n'];
        const timer = setInterval(() => {
          const byte = bytes.shift();
          if (byte === undefined) clearInterval(timer);
          else socket.write(byte);
        }, 5);
      });
    });
    raw.listen(0, '127.0.0.1');
    await once(raw, 'listening');
    const { port } = raw.address() as { port: number };
    const outcome = await sendRequest(upload(`http://127.0.0.1:${port}`), { idleTimeoutMs: 100 });
    assert.deepEqual(outcome, { status: 202, retryAfterMs: undefined, detail: '' });
    raw.close();
  });
});

describe('parseRetryAfter', () => {
  it('reads seconds and dates, and nothing else', () => {
    const now = Date.parse('2026-11-22T10:00:00Z');
    assert.equal(parseRetryAfter('120', now), 120_000);
    assert.equal(parseRetryAfter('Sun, 22 Nov 2026 10:00:30 GMT', now), 30_000);
    assert.equal(parseRetryAfter('Sun, 22 Nov 2026 09:00:00 GMT', now), 0);
    for (const value of [undefined, '', 'soon']) assert.equal(parseRetryAfter(value, now), undefined);
  });
});
