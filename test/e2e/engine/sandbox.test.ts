import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTestAddon } from '../../support/build-addon.ts';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { runProgram } from '../../support/run-program.ts';

const program = fileURLToPath(new URL('./programs/without-ppoll.cjs', import.meta.url));
const hotspan = fileURLToPath(new URL('../../../dist/index.cjs', import.meta.url));

for (const node of nodesUnderTest()) {
  describeNeeding(['threads'], `a sandbox that forbids ppoll() on Node ${node.version}`, function () {
    this.timeout(60_000);
    let dir: string;
    before(() => (dir = mkdtempSync(join(tmpdir(), 'hotspan-sandbox-'))));
    after(() => rmSync(dir, { recursive: true, force: true }));

    it('leaves the sampler thread another way to sleep', async function () {
      const built = buildTestAddon('signals', dir);
      if ('missing' in built) return this.skip();
      const { code, stdout, stderr } = await runProgram({ node: node.path, args: [program, built.path, hotspan, dir], timeoutMs: 30_000 });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const { isDenied, idleMs, usedMs } = JSON.parse(stdout) as { isDenied: number; idleMs: number; usedMs: number };
      if (isDenied === 0) return this.skip();
      // One that spins has all of a processor, or a share of a busy one.
      assert.ok(usedMs < 0.05 * idleMs, `${usedMs} ms of CPU in ${idleMs} ms`);
    });
  });
}
