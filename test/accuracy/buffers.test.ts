import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describeNeeding } from '../support/engine-features.ts';
import { heapOf, readHeap, type HeapView } from '../support/heap-query.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { runProgram } from '../support/run-program.ts';

const program = fileURLToPath(new URL('programs/buffers.mjs', import.meta.url));
const register = new URL('../../dist/register.js', import.meta.url).href;
const names = [
  'keepAlloc', 'keepAllocUnsafe', 'keepFromString', 'keepConcat', 'keepTyped', 'keepArrayBuffer', 'keepShared', 'keepRead', 'keepRandom', 'keepGzip',
  'keepEncoded', 'keepClone', 'keepSlice', 'keepPooled',
];
/**
 * At one sample each 16 KiB a piece of 60,000 bytes is sampled with a probability of 0.97, a pool of 8 KiB with 0.39.
 * The sum of 400 such pieces has a standard deviation of 0.8%, of 2,930 pools 2.3%: the tolerance is above five of them.
 */
const tolerance = 0.13;

for (const node of nodesUnderTest()) {
  describeNeeding(['heap counts'], `memory of buffers, made in ${names.length} ways, on Node ${node.version}`, function () {
    this.timeout(120_000);
    let truth: Readonly<Record<string, number>>;
    let heap: HeapView;
    before(async () => {
      const directory = mkdtempSync(join(tmpdir(), 'hotspan-buffers-'));
      try {
        const env = { HOTSPAN_EXPORT: `file:${directory}`, HOTSPAN_PROFILES: 'heap', HOTSPAN_HEAP_INTERVAL: '16384', HOTSPAN_PERIOD: '0' };
        const run = await runProgram({ node: node.path, args: ['--expose-gc', '--import', register, program], env, timeoutMs: 100_000 });
        assert.deepEqual([run.code, run.stderr], [0, '']);
        truth = JSON.parse(run.stdout) as Record<string, number>;
        heap = readHeap(readFileSync(join(directory, readdirSync(directory)[0] ?? '')));
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });

    for (const name of names) {
      it(`counts what ${name} keeps`, () => {
        const right = truth[name] ?? 0;
        assert.ok(right > 20e6, `the truth itself is off: ${right}`);
        const error = heapOf(heap, name, 'inuse_space') / right - 1;
        assert.ok(Math.abs(error) < tolerance, `${(100 * error).toFixed(1)}% off`);
      });
    }

    it('counts them all together within 4%', () => {
      const right = names.reduce((sum, name) => sum + (truth[name] ?? 0), 0);
      const seen = names.reduce((sum, name) => sum + heapOf(heap, name, 'inuse_space'), 0);
      assert.ok(Math.abs(seen / right - 1) < 0.04, `${(100 * (seen / right - 1)).toFixed(1)}% off`);
    });
  });
}
