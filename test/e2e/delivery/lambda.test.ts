import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';

import { nodesUnderTest } from '../../support/node-versions.ts';
import { parseForm } from '../../support/parse-form.ts';
import { RecordingServer } from '../../support/recording-server.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const program = fileURLToPath(new URL('./programs/lambda.mjs', import.meta.url));
const frozenMs = 2500;

for (const node of nodesUnderTest()) {
  describe(`a function on AWS Lambda, on Node ${node.version}`, function () {
    this.timeout(120_000);

    it('is profiled by invocation, and not for the time that it is frozen', async () => {
      const spool = mkdtempSync(join(tmpdir(), 'hotspan-lambda-'));
      const server = new RecordingServer();
      await server.listen();
      const child = spawn(node.path, ['--import', register, program], {
        env: {
          PATH: process.env['PATH'] ?? '',
          AWS_LAMBDA_FUNCTION_NAME: 'resize',
          AWS_LAMBDA_FUNCTION_VERSION: '7',
          AWS_REGION: 'eu-central-1',
          HOTSPAN_EXPORT: `datadog:${server.url}`,
          HOTSPAN_SPOOL: spool,
          HOTSPAN_EXIT_GRACE: '20',
          HOTSPAN_TRACES: 'off',
        },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      try {
        const closed = once(child, 'close');
        const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
        const said = async (): Promise<unknown> => (await lines.next()).value;
        assert.equal(await said(), 'ready');
        for (const invocation of [1, 2]) {
          child.stdin.write('go\n');
          assert.equal(await said(), 'done');
          assert.equal(server.accepted.length, invocation, 'flush() waits for the delivery');
          if (invocation === 2) break;
          child.kill('SIGSTOP');
          await sleep(frozenMs);
          child.kill('SIGCONT');
        }
        child.stdin.end();
        assert.deepEqual(await closed, [0, null]);
      } finally {
        child.kill('SIGKILL');
        await server.close();
        rmSync(spool, { recursive: true, force: true });
      }
      const forms = await Promise.all(server.accepted.map(({ headers, body }) => parseForm(String(headers['content-type']), body)));
      for (const [event] of forms) assert.match(String(event?.content), /cloud\.platform:aws_lambda,.*faas\.name:resize/);
      const walls = forms.map((parts) => wallMs(parts.find(({ name }) => name === 'cpu.pprof')?.content ?? Buffer.alloc(0)));
      console.log(`        wall of invocations: ${walls.map((wall) => wall.toFixed(0)).join(', ')} ms; frozen ${frozenMs} ms`);
      // 200 ms each, in the profile that its flush() delivered; a sample that was under way just then comes with the next.
      assert.ok(walls.slice(0, 2).every((wall) => wall > 100), walls.join(', '));
      const wall = walls.reduce((sum, value) => sum + value, 0);
      assert.ok(wall >= 380 && wall < frozenMs, walls.join(', '));
    });
  });
}

/** Of the main thread. */
function wallMs(file: Uint8Array): number {
  const profile = Profile.decode(gunzipSync(file));
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  const column = profile.sampleType.findIndex(({ type }) => text(type) === 'wall');
  const own = profile.sample.filter(({ label }) => label.some(({ key, str }) => text(key) === 'thread name' && text(str) === 'main'));
  return own.reduce((sum, { value }) => sum + Number(value[column]), 0) / 1e6;
}
