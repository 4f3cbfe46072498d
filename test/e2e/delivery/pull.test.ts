import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '../../support/delivery-run.ts';
import { freePort } from '../../support/free-port.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';

const hasGo = spawnSync('go', ['version']).status === 0;

for (const node of nodesUnderTest()) {
  describe(`the pull server, on Node ${node.version}`, () => {
    for (const [path, type] of [['profile', 'cpu'], ['wall', 'wall'], ['heap', 'inuse_space'], ['allocs', 'alloc_space']] as const) {
      it(`gives go tool pprof a ${path} of a running service`, async function () {
        if (!hasGo) {
          console.log('        skipped: go is not installed');
          this.skip();
        }
        const directory = mkdtempSync(join(tmpdir(), 'hotspan-pull-'));
        const port = await freePort();
        const { child, end } = await startService(node.path, { HOTSPAN_HTTP: String(port), HOTSPAN_EXPORT: `file:${directory}`, HOTSPAN_RATE: '999', HOTSPAN_HEAP_INTERVAL: '65536' });
        try {
          const url = `http://127.0.0.1:${port}/debug/pprof/${path}?seconds=1`;
          const pprof = spawnSync('go', ['tool', 'pprof', '-top', url], { encoding: 'utf8', env: { ...process.env, PPROF_TMPDIR: directory } });
          assert.equal(pprof.status, 0, pprof.stderr);
          assert.match(pprof.stdout, new RegExp(`^Type: ${type}$`, 'm'));
          // What of a second's allocations still lives is for the collector to say.
          if (type !== 'inuse_space') assert.match(pprof.stdout, type === 'alloc_space' ? /accounting for [1-9]/ : /burnService/);
        } finally {
          child.kill('SIGKILL');
          await end;
          rmSync(directory, { recursive: true, force: true });
        }
      });
    }
  });
}
