import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sendRequest } from '../../../src/delivery/send-request.ts';
import { createBackend } from '../../../src/delivery/targets.ts';
import { freePort } from '../../support/free-port.ts';
import { outgoingPeriod } from '../../support/outgoing-period.ts';
import { describeNeeding } from '../../support/engine-features.ts';
import { findReceiver } from '../../support/receivers.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const app = fileURLToPath(new URL('../traces/programs/express-app.cjs', import.meta.url));

describeNeeding(['labels'], 'an OpenTelemetry Collector', function () {
  let collector: ChildProcess;
  let output = '';
  let url: string;
  let directory: string;

  before(async function () {
    const receiver = findReceiver('collector');
    if ('reason' in receiver) {
      console.log(`      skipped: OpenTelemetry Collector: ${receiver.reason}`);
      this.skip();
    }
    directory = mkdtempSync(join(tmpdir(), 'hotspan-collector-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const config = join(directory, 'config.yaml');
    writeFileSync(
      config,
      `receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}' } } } }
exporters: { debug: { verbosity: detailed } }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    profiles: { receivers: [otlp], exporters: [debug] }
    traces: { receivers: [otlp], exporters: [debug] }
`,
    );
    collector = spawn(receiver.path, ['--config', config, '--feature-gates=service.profilesSupport'], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [collector.stdout!, collector.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    for (let i = 0; !output.includes('Everything is ready'); i++) {
      assert.ok(i < 200 && collector.exitCode === null, `the collector does not start: ${output.slice(-2000)}`);
      await delay(100);
    }
  });

  after(async () => {
    if (collector === undefined) return;
    const exited = once(collector, 'exit');
    if (collector.exitCode === null) collector.kill('SIGKILL');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  });

  it('accepts profiles, and shows the link to the span', async () => {
    const backend = createBackend({ kind: 'otlp', url: `${url}/v1development/profiles`, headers: {} });
    assert.deepEqual(await sendRequest(backend.encode(outgoingPeriod())!), { status: 200, retryAfterMs: undefined, detail: '' });
    // Of each table the debug exporter of 0.155.0 shows the last entry.
    const link = /Link table:\n +-> Trace ID: Str\(0af7651916cd43dd8448eb211c80319c\)\n +-> Span ID: Str\(00000000000000ff\)/;
    for (let i = 0; i < 50 && !link.test(output); i++) await delay(100);
    assert.match(output, link);
  });

  it('accepts profiles and spans of an app', async () => {
    const child = spawn(process.execPath, ['--import', register, app], {
      env: { PATH: process.env['PATH'] ?? '', OTEL_EXPORTER_OTLP_ENDPOINT: url, HOTSPAN_SPOOL: join(directory, 'spool'), HOTSPAN_SERVICE: 'shop', HOTSPAN_LOG: 'debug' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const exited = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    await new Promise<void>((resolve, reject) => {
      get(`http://127.0.0.1:${String(line).trim()}/users/1`, { agent: false }, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
    child.kill('SIGTERM');
    await exited;
    assert.match(stderr, /otlp took profile/);
    assert.doesNotMatch(stderr, /refused|rejected|cannot/);
    for (let i = 0; i < 50 && !/Kind +: Server/.test(output); i++) await delay(100);
    assert.match(output, /Kind +: Server/);
  });
});
