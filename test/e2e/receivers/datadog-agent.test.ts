import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { describeNeeding } from '../../support/engine-features.ts';
import { findReceiver } from '../../support/receivers.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const app = fileURLToPath(new URL('../traces/programs/express-app.cjs', import.meta.url));

const fetchText = (url: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    }).on('error', reject);
  });

describeNeeding(['labels'], "Datadog's test agent", function () {
  let agent: ChildProcess;
  let url: string;
  let directory: string;

  before(async function () {
    const receiver = findReceiver('agent');
    if ('reason' in receiver) {
      console.log(`      skipped: ddapm-test-agent: ${receiver.reason}`);
      this.skip();
    }
    directory = mkdtempSync(join(tmpdir(), 'hotspan-agent-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    agent = spawn(receiver.path, ['--port', String(port), '--otlp-http-port', String(await freePort()), '--otlp-grpc-port', String(await freePort())], { cwd: directory, stdio: 'ignore' });
    for (let i = 0; ; i++) {
      const up = await fetchText(`${url}/info`).then(({ status }) => status === 200, () => false);
      if (up) return;
      assert.ok(i < 200 && agent.exitCode === null, 'the test agent does not start');
      await delay(100);
    }
  });

  after(async () => {
    if (agent === undefined) return;
    const exited = once(agent, 'exit');
    if (agent.exitCode === null) agent.kill('SIGKILL');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  });

  it('accepts profiles and traces, and its trace checks pass', async () => {
    const child = spawn(process.execPath, ['--import', register, app], {
      env: { PATH: process.env['PATH'] ?? '', DD_TRACE_AGENT_URL: url, HOTSPAN_SPOOL: join(directory, 'spool'), HOTSPAN_SERVICE: 'shop', HOTSPAN_LOG: 'debug' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const exited = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    for (let i = 0; i < 5; i++) await fetchText(`http://127.0.0.1:${String(line).trim()}/users/${i}`);
    child.kill('SIGTERM');
    await exited;
    assert.match(stderr, /datadog took profile/);
    assert.doesNotMatch(stderr, /refused|rejected|cannot/);

    const traces = JSON.parse((await fetchText(`${url}/test/traces`)).text) as { service: string; name: string }[][];
    assert.equal(traces.flat().filter(({ name, service }) => name === 'http.server.request' && service === 'shop').length, 5);
    const requests = JSON.parse((await fetchText(`${url}/test/session/requests`)).text) as { url: string }[];
    assert.equal(requests.filter((request) => request.url.endsWith('/profiling/v1/input')).length, 1);
    const checks = await fetchText(`${url}/test/trace_check/failures`);
    assert.equal(checks.status, 200, checks.text);
  });
});
