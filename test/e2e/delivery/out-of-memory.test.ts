import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describeNeeding } from '../../support/engine-features.ts';
import { readHeap } from '../../support/heap-query.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { parseForm } from '../../support/parse-form.ts';
import { RecordingServer } from '../../support/recording-server.ts';
import { runProgram } from '../../support/run-program.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const runOut = fileURLToPath(new URL('../heap/programs/run-out.mjs', import.meta.url));

let server: RecordingServer;
let spool: string;
/** Of each test of a suite that calls this. */
function useServer(): void {
  beforeEach(async () => {
    spool = mkdtempSync(join(tmpdir(), 'hotspan-oom-'));
    server = new RecordingServer();
    await server.listen();
  });
  afterEach(async () => {
    await server.close();
    rmSync(spool, { recursive: true, force: true });
  });
}

for (const node of nodesUnderTest()) {
  describeNeeding(['heap limit'], `out of memory with a backend, on Node ${node.version}`, function () {
    useServer();
    this.timeout(120_000);

    it('the next start sends the heap profile of the process that died', async () => {
      const env = { HOTSPAN_SERVICE: 'leaky', HOTSPAN_SPOOL: spool, HOTSPAN_EXPORT: `datadog:${server.url}`, HOTSPAN_PROFILES: 'cpu,heap' };
      const died = await runProgram({ node: node.path, args: ['--max-old-space-size=64', '--import', register, runOut, 'objects', 'main'], env, timeoutMs: 60_000 });
      assert.equal(died.signal, 'SIGABRT', died.stderr);
      assert.match(died.stderr, /JavaScript heap out of memory/);
      const next = await runProgram({ node: node.path, args: ['--import', register, '-e', '0'], env: { ...env, HOTSPAN_EXIT_GRACE: '10' }, timeoutMs: 60_000 });
      assert.deepEqual([next.code, next.stderr], [0, '']);
      await server.untilAccepted(2);
      const forms = await Promise.all(server.accepted.map(({ headers, body }) => parseForm(String(headers['content-type']), body)));
      const last = forms.filter(([event]) => event?.content.includes('snapshot:on_oom'));
      assert.equal(last.length, 1);
      const [event, ...profiles] = last[0] ?? [];
      assert.match(String(event?.content), new RegExp(`process_id:${died.pid}\\b`));
      assert.deepEqual(profiles.map(({ name }) => name), ['heap.pprof']);
      const heap = readHeap(profiles[0]?.content ?? Buffer.alloc(0));
      const bytes = (leaking: boolean): number => heap.samples.filter(({ frames }) => !leaking || frames[0]?.name === 'leakObjects').reduce((sum, { values }) => sum + ((values as Record<string, number>)['space'] ?? 0), 0);
      assert.ok(bytes(true) > 0.8 * bytes(false) && bytes(true) > 30e6, `${bytes(true)} of ${bytes(false)}`);
    });
  });
}
