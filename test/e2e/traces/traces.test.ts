import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { decode } from '@msgpack/msgpack';
import { Profile } from 'pprof-format';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { decodeOtlpProfiles } from '../../support/otlp-profiles.ts';
import { parseForm } from '../../support/parse-form.ts';
import { RecordingServer, type RecordedRequest } from '../../support/recording-server.ts';

const preloads = [`--require ${fileURLToPath(new URL('../../../dist/register.cjs', import.meta.url))}`, `--import ${new URL('../../../dist/register.js', import.meta.url).href}`] as const;
const program = (name: string): string => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));

const traceId = '0af7651916cd43dd8448eb211c80319c';

let server: RecordingServer;
let spool: string;
/** Of each test of a suite that calls this. */
function useServer(): void {
  beforeEach(async () => {
    spool = mkdtempSync(join(tmpdir(), 'hotspan-traces-'));
    server = new RecordingServer();
    await server.listen();
  });
  afterEach(async () => {
    await server.close();
    rmSync(spool, { recursive: true, force: true });
  });
}

/**
 * Runs the app by the README's line, sends it requests of one trace, ends it, and waits for its end. Returns its stderr.
 * @param app a file in programs/, or the path of one
 */
async function serve(node: string, app: string, env: Record<string, string>, preload: string = preloads[0]): Promise<string> {
  const child = spawn(node, [isAbsolute(app) ? app : program(app)], {
    env: { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: preload, HOTSPAN_SPOOL: spool, HOTSPAN_SERVICE: 'shop', HOTSPAN_RATE: '500', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = once(child, 'close');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(String(line).trim());
  for (let i = 0; i < 10; i++) {
    await new Promise<void>((resolve, reject) => {
      const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
      get({ host: '127.0.0.1', port, path: '/users/7', headers, agent: false }, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
  }
  child.kill('SIGTERM');
  const [code] = (await exited) as [number | null];
  assert.equal(code, 0, stderr);
  return stderr;
}

const at = (path: string): RecordedRequest[] => server.accepted.filter((request) => request.path === path);

interface DatadogSpan { trace_id: bigint; span_id: bigint; parent_id: bigint; name: string; resource: string; service: string; meta: Record<string, string>; metrics: Record<string, number>; start: bigint; duration: number }

for (const node of nodesUnderTest()) {
  describeNeeding(['labels'], `one line of environment, on Node ${node.version}`, () => {
    useServer();
    for (const [app, preload] of ['express-app.cjs', 'fastify-app.mjs'].flatMap((each) => preloads.map((how) => [each, how] as const))) {
      it(`takes ${app} to spans and profiles of one run at a Datadog Agent, by ${preload.split(' ')[0]}`, async () => {
        await serve(node.path, app, { DD_TRACE_AGENT_URL: server.url }, preload);
        const spans = at('/v0.4/traces').flatMap(({ body }) => (decode(body, { useBigInt64: true }) as DatadogSpan[][]).flat());
        const servers = spans.filter((span) => span.meta['span.kind'] === 'server');
        assert.equal(servers.length, 10);
        for (const span of servers) {
          assert.equal(span.trace_id, BigInt(`0x${traceId.slice(16)}`));
          assert.equal(span.parent_id, 0xb7ad6b7169203331n);
          assert.deepEqual([span.service, span.name, span.metrics['_sampling_priority_v1']], ['shop', 'http.server.request', 1]);
        }
        const [profile = assert.fail('no profile')] = at('/profiling/v1/input');
        const [event] = await parseForm(profile.headers['content-type']!, profile.body);
        const run = /runtime-id:([^,"]+)/.exec(event!.content.toString())![1];
        assert.deepEqual([...new Set(spans.map((span) => span.meta['runtime-id']))], [run]);
        const { endpoint_counts: counts } = JSON.parse(event!.content.toString()) as { endpoint_counts: unknown };
        // No instrumentation of Fastify is installed that hotspan sets up: its routes are not known.
        assert.deepEqual(counts, app.startsWith('express') ? { 'GET /users/:id': 10 } : {});
      });

      it(`takes ${app} to spans and profiles of one resource at an OTLP receiver, by ${preload.split(' ')[0]}`, async () => {
        await serve(node.path, app, { OTEL_EXPORTER_OTLP_ENDPOINT: server.url }, preload);
        const requests = at('/v1/traces').map(({ body }) => JSON.parse(body.toString()) as OtlpTraces);
        const spans = requests.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
        assert.equal(spans.filter(({ kind, traceId: trace }) => kind === 2 && trace === traceId).length, 10);
        const [profiles = assert.fail('no profile')] = at('/v1development/profiles').map(({ body }) => decodeOtlpProfiles(gunzipSync(body)));
        const attributesOf = (list: { key: string; value: { stringValue?: string; intValue?: string } }[]): Record<string, unknown> =>
          Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));
        assert.deepEqual(attributesOf(requests[0]!.resourceSpans[0]!.resource.attributes), attributesOf(profiles.resourceProfiles[0]!.resource.attributes));
      });
    }

    for (const app of ['express-app.cjs', 'fastify-app.mjs']) {
      it(`puts the ids of the spans of ${app} on its samples`, async function () {
        await serve(node.path, app, { DD_TRACE_AGENT_URL: server.url });
        const spans = at('/v0.4/traces').flatMap(({ body }) => (decode(body, { useBigInt64: true }) as DatadogSpan[][]).flat());
        const sampled = new Set((await Promise.all(at('/profiling/v1/input').map(spanIdsOf))).flatMap((ids) => [...ids]));
        const shared = spans.filter((span) => sampled.has(BigInt(span.span_id)));
        // Each request burns 30 ms, at 500 samples a second.
        assert.ok(shared.length >= 8, `${shared.length} of ${spans.length} spans are on samples`);
      });
    }

    // What a record's text is called is the logger's affair.
    for (const [logger, text] of [['pino', 'msg'], ['winston', 'message']] as const) {
      it(`puts the ids of the span on the records of ${logger}`, async () => {
        const stderr = await serve(node.path, 'logging-app.cjs', { DD_TRACE_AGENT_URL: server.url, APP_LOGGER: logger });
        const records = stderr.trim().split('\n').map((line) => JSON.parse(line) as Record<string, string>);
        const spans = at('/v0.4/traces').flatMap(({ body }) => (decode(body, { useBigInt64: true }) as DatadogSpan[][]).flat());
        const ids = spans.filter((span) => span.meta['span.kind'] === 'server').map((span) => span.span_id.toString(16).padStart(16, '0'));
        assert.deepEqual(records.map((record) => [record[text], record['trace_id']]), Array.from({ length: 10 }, () => ['served', traceId]));
        assert.deepEqual(records.map((record) => record['span_id']).sort(), ids.sort());
      });
    }

    it('uses the bundle of instrumentations that the app has installed', async () => {
      const app = appWithBundle();
      await serve(node.path, app, { DD_TRACE_AGENT_URL: server.url });
      const spans = at('/v0.4/traces').flatMap(({ body }) => (decode(body, { useBigInt64: true }) as DatadogSpan[][]).flat());
      // What the bundle was told, by a span of an instrumentation of its own; and no other instrumentation is used.
      assert.deepEqual(spans.map((span) => [span.resource, span.meta['config']]), [['from the bundle', '{"@opentelemetry/instrumentation-fs":{"enabled":false}}']]);
    });

    it('records no spans when told so, nor of its own uploads', async () => {
      await serve(node.path, 'express-app.cjs', { DD_TRACE_AGENT_URL: server.url, HOTSPAN_TRACES: 'off' });
      assert.equal(at('/v0.4/traces').length, 0);
      assert.equal(at('/profiling/v1/input').length, 1);
      await serve(node.path, 'express-app.cjs', { DD_TRACE_AGENT_URL: server.url });
      const spans = at('/v0.4/traces').flatMap(({ body }) => (decode(body, { useBigInt64: true }) as DatadogSpan[][]).flat());
      assert.deepEqual(spans.filter((span) => span.meta['span.kind'] === 'client'), []);
    });
  });
}

/** An app in a directory of its own, with something in the place of OpenTelemetry's bundle, which has fifty packages. */
function appWithBundle(): string {
  const directory = join(spool, 'app');
  const bundle = join(directory, 'node_modules/@opentelemetry/auto-instrumentations-node');
  mkdirSync(bundle, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "name": "bundled-app" }');
  writeFileSync(join(bundle, 'package.json'), '{ "name": "@opentelemetry/auto-instrumentations-node", "version": "1.0.0" }');
  writeFileSync(
    join(bundle, 'index.js'),
    `exports.getNodeAutoInstrumentations = (config) => [{
      instrumentationName: 'fake', instrumentationVersion: '1', enable() {}, disable() {}, setMeterProvider() {}, setConfig() {}, getConfig: () => ({}),
      setTracerProvider(provider) {
        provider.getTracer('fake').startSpan('from the bundle', { attributes: { config: JSON.stringify(config) } }).end();
      },
    }];`,
  );
  const app = join(directory, 'app.cjs');
  writeFileSync(
    app,
    `const server = require('node:http').createServer((request, response) => response.end());
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
    process.once('SIGTERM', () => { server.close(); server.closeAllConnections(); });`,
  );
  return app;
}

interface OtlpTraces {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string; intValue?: string } }[] };
    scopeSpans: { spans: { traceId: string; spanId: string; kind: number }[] }[];
  }[];
}

/** The ids on the samples of a profile that reached the Datadog intake. */
async function spanIdsOf(request: RecordedRequest): Promise<Set<bigint>> {
  const parts = await parseForm(request.headers['content-type']!, request.body);
  const cpu = parts.find(({ name }) => name === 'cpu.pprof')!;
  const profile = Profile.decode(gunzipSync(cpu.content));
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)]!;
  return new Set(
    profile.sample.flatMap(({ label }) => label.filter(({ key }) => text(key) === 'span id').map(({ num }) => BigInt.asUintN(64, BigInt(num)))),
  );
}
