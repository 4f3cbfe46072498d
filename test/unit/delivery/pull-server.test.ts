import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { renderPrometheus } from '../../../src/delivery/prometheus-text.ts';
import { type PullServer, type PullServerOptions, startPullServer } from '../../../src/delivery/pull-server.ts';

interface Answer { status: number; headers: Record<string, unknown>; body: string }

const profile = Buffer.from('profile');
let server: PullServer;
let aborted: (() => void) | undefined;

async function start(options: Partial<PullServerOptions> = {}): Promise<void> {
  server = await startPullServer({
    host: '127.0.0.1',
    port: 0,
    token: undefined,
    metrics: () => [{ name: 'a_total', help: 'Of a.', type: 'counter', values: [{ value: 3 }] }],
    sources: [
      { path: '/debug/pprof/profile', help: 'cpu', defaultSeconds: 30, take: async (seconds) => Buffer.from(`${seconds}`) },
      { path: '/debug/pprof/heap', help: 'heap', take: async () => profile },
      { path: '/debug/pprof/slow', help: 'slow', defaultSeconds: 1, take: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => (aborted?.(), resolve(profile)))) },
      { path: '/debug/pprof/broken', help: 'broken', take: () => Promise.reject(new Error('the engine cannot run')) },
    ],
    ...options,
  });
}

function ask(path: string, { method = 'GET', headers = {}, agent }: { method?: string; headers?: Record<string, string>; agent?: Agent } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, method, headers, agent: agent ?? false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

describe('the pull server', () => {
  afterEach(() => server.close());

  it('gives profiles as files, of the time asked for', async () => {
    await start();
    const heap = await ask('/debug/pprof/heap');
    assert.deepEqual([heap.status, heap.body, heap.headers['content-type'], heap.headers['content-encoding']], [200, 'profile', 'application/octet-stream', undefined]);
    assert.equal((await ask('/debug/pprof/profile?seconds=2.5')).body, '2.5');
    assert.equal((await ask('/debug/pprof/profile')).body, '30');
    assert.equal((await ask('/debug/pprof/heap?debug=0')).status, 200);
  });

  it('lists what there is, and gives metrics', async () => {
    await start();
    for (const path of ['/debug/pprof/', '/debug/pprof']) assert.match((await ask(path)).body, /\/debug\/pprof\/heap +heap/);
    const metrics = await ask('/metrics');
    assert.equal(metrics.body, '# HELP a_total Of a.\n# TYPE a_total counter\na_total 3\n');
    assert.match(String(metrics.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  });

  it('answers what is wrong with the status that says so', async () => {
    await start();
    const cases: readonly [string, string, number][] = [
      ['GET', '/', 404],
      ['GET', '/debug/pprof/other', 404],
      ['GET', '//evil/debug/pprof/heap', 404],
      ['POST', '/debug/pprof/profile', 405],
      ['HEAD', '/metrics', 405],
      ['GET', '/debug/pprof/profile?seconds=0', 400],
      ['GET', '/debug/pprof/profile?seconds=-1', 400],
      ['GET', '/debug/pprof/profile?seconds=abc', 400],
      ['GET', '/debug/pprof/profile?seconds=3601', 400],
      ['GET', '/debug/pprof/profile?minutes=1', 400],
      ['GET', '/debug/pprof/heap?seconds=1', 400],
      ['GET', '/debug/pprof/heap?debug=1', 400],
      ['GET', '/debug/pprof/broken', 500],
    ];
    for (const [method, path, status] of cases) assert.equal((await ask(path, { method })).status, status, `${method} ${path}`);
    assert.equal((await ask('/debug/pprof/broken')).body, 'the engine cannot run\n');
    assert.equal((await ask('/metrics', { method: 'PUT' })).headers['allow'], 'GET');
  });

  it('takes one capture of a kind at a time, and frees it when nobody waits any more', async () => {
    await start();
    const wasAborted = new Promise<void>((resolve) => (aborted = resolve));
    const first = request({ host: '127.0.0.1', port: server.port, path: '/debug/pprof/slow', agent: false }).on('error', () => {});
    first.end();
    while ((await ask('/debug/pprof/slow?seconds=x')).status !== 400) await new Promise(setImmediate);
    let status = 0;
    for (let i = 0; i < 100 && status !== 409; i++) {
      // The first request may be on its way still: one that is served in its place is given up at once.
      const second = ask('/debug/pprof/slow').then((answer) => (status = answer.status), () => {});
      await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    assert.equal(status, 409);
    assert.equal((await ask('/debug/pprof/heap')).status, 200);
    first.destroy();
    await wasAborted;
  });

  it('asks for the token when there is one', async () => {
    await start({ token: 'secret' });
    const without = await ask('/metrics');
    assert.deepEqual([without.status, without.headers['www-authenticate']], [401, 'Bearer']);
    for (const authorization of ['Bearer wrong', 'Basic secret', 'secret', 'Bearer ']) {
      assert.equal((await ask('/metrics', { headers: { authorization } })).status, 401, authorization);
    }
    assert.equal((await ask('/metrics', { headers: { authorization: 'Bearer secret' } })).status, 200);
  });

  it('does not serve a web page that made its own name resolve to this machine', async () => {
    await start();
    assert.equal((await ask('/metrics', { headers: { host: 'evil.example:80' } })).status, 403);
    for (const host of ['localhost:6060', '127.0.0.1', '[::1]:1']) assert.equal((await ask('/metrics', { headers: { host } })).status, 200, host);
  });

  it('answers on all addresses to addresses and names of the network, not to names that somebody registered', async () => {
    await start({ host: '0.0.0.0' });
    for (const host of ['evil.example', 'evil.example:6060', '127.0.0.1.evil.example', 'local', 'localhost.evil.example.']) {
      assert.equal((await ask('/metrics', { headers: { host } })).status, host === 'local' ? 200 : 403, host);
    }
    for (const host of ['10.1.2.3:6060', '[fd00::1]:1', 'localhost', 'app:6060', 'app.default.svc', 'app.default.svc.cluster.local', hostname()]) {
      assert.equal((await ask('/metrics', { headers: { host } })).status, 200, host);
    }
  });

  it('starts no capture for another site of a browser', async () => {
    await start();
    const browsers: readonly (readonly [Record<string, string>, number])[] = [
      [{ 'sec-fetch-site': 'cross-site' }, 403],
      [{ 'sec-fetch-site': 'same-site' }, 403],
      [{ origin: 'https://evil.example' }, 403],
      [{ origin: 'null' }, 403],
      [{ 'sec-fetch-site': 'none' }, 200],
      [{ 'sec-fetch-site': 'same-origin' }, 200],
    ];
    for (const [headers, status] of browsers) assert.equal((await ask('/debug/pprof/heap', { headers })).status, status, JSON.stringify(headers));
  });

  it('leaves no listener behind on a connection that carries many requests', async () => {
    await start();
    const warnings: Error[] = [];
    const keep = (warning: Error): void => void warnings.push(warning);
    process.on('warning', keep);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 15; i++) assert.equal((await ask('/debug/pprof/heap', { agent })).status, 200);
    await new Promise(setImmediate);
    agent.destroy();
    process.off('warning', keep);
    assert.deepEqual(warnings, []);
  });

  it('takes few of the descriptors of the app, whoever connects', async () => {
    await start();
    const sockets = Array.from({ length: 40 }, () => connect(server.port, '127.0.0.1').on('error', () => {}));
    const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
    await Promise.all(closed.slice(16));
    assert.equal(sockets.filter(({ closed: isClosed }) => !isClosed).length, 16);
    for (const socket of sockets) socket.destroy();
  });

  it('says when it cannot listen', async () => {
    await start();
    await assert.rejects(startPullServer({ host: '127.0.0.1', port: server.port, token: undefined, sources: [], metrics: () => [] }), /EADDRINUSE/);
  });
});

describe('renderPrometheus', () => {
  it('escapes what would end a line or a value', () => {
    const text = renderPrometheus([{ name: 'a', help: 'b\nc\\', type: 'gauge', values: [{ labels: { x: 'q"\n\\' }, value: 1.5 }] }]);
    assert.equal(text, '# HELP a b\\nc\\\\\n# TYPE a gauge\na{x="q\\"\\n\\\\"} 1.5\n');
  });

  it('leaves out a metric without values', () => {
    assert.equal(renderPrometheus([{ name: 'a', help: 'b', type: 'gauge', values: [] }]), '');
  });
});
