import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { runProgram } from '../../support/run-program.ts';

const program = fileURLToPath(new URL('./programs/one-state.cjs', import.meta.url));
const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));

const starts: Readonly<Record<string, readonly string[]>> = {
  'start()': [],
  '--require': ['--require', join(dist, 'register.cjs')],
  '--import': ['--import', pathToFileURL(join(dist, 'register.js')).href],
};

for (const node of nodesUnderTest()) {
  describe(`hotspan loaded in several ways on Node ${node.version}`, () => {
    for (const [start, flags] of Object.entries(starts)) {
      for (const more of [[], ['--no-experimental-require-module']]) {
        it(`is one, begun by ${[start, ...more].join(' with ')}`, async () => {
          const directory = mkdtempSync(join(tmpdir(), 'hotspan-one-state-'));
          try {
            const { code, stdout, stderr } = await runProgram({
              node: node.path, args: [...flags, ...more, program], env: { HOTSPAN_EXPORT: `file:${directory}`, HOTSPAN_PERIOD: '0' }, timeoutMs: 30_000,
            });
            assert.deepEqual([code, stderr], [0, '']);
            const [loaded, stopped] = stdout.trim().split('\n').map((line) => JSON.parse(line) as unknown);
            const names = ['HotspanSpanProcessor', 'addLabelProvider', 'capture', 'flush', 'start', 'stats', 'stop', 'withLabels'];
            assert.deepEqual(loaded, { names, different: [], running: [true, true, true] });
            assert.deepEqual(stopped, [false, false, false]);
            assert.equal(readdirSync(directory).length, 1);
          } finally {
            rmSync(directory, { recursive: true, force: true });
          }
        });
      }
    }
  });
}
