import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTestAddon } from '../../support/build-addon.ts';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { cpuOf, isInside, ofMainThread, readPprof, sumBy } from '../../support/pprof-query.ts';
import { runProgram } from '../../support/run-program.ts';

const program = fileURLToPath(new URL('./programs/first-moments.mjs', import.meta.url));
const register = new URL('../../../dist/register.js', import.meta.url).href;

for (const node of nodesUnderTest()) {
  // The app's work is over before the symbols of V8's builtins are read.
  describeNeeding(['exact cpu'], `a node binary on a slow disk, on Node ${node.version}`, function () {
    this.timeout(60_000);
    let dir: string, slowReads: string;
    before(function () {
      dir = mkdtempSync(join(tmpdir(), 'hotspan-slow-disk-'));
      const built = buildTestAddon('slow-reads', dir);
      if ('missing' in built) {
        console.log(`      skipped: ${built.missing}`);
        return this.skip();
      }
      slowReads = built.path;
    });
    after(() => rmSync(dir, { recursive: true, force: true }));

    it('hides no function, with its line, that ran before and among collections', async () => {
      const line = readFileSync(program, 'utf8').split('\n').findIndex((text) => text.includes('Math.imul')) + 1;
      const samples = await profileOf(node, dir, slowReads, ['collections', 'exit']);
      const spinning = samples.filter((sample) => isInside(sample, 'spin'));
      assert.ok(sumBy(spinning, cpuOf) > 200e6, `${sumBy(spinning, cpuOf) / 1e6} ms in spin`);
      const onLine = spinning.filter(({ frames }) => frames.some((frame) => frame.name === 'spin' && frame.line === line));
      assert.ok(sumBy(onLine, cpuOf) > 0.9 * sumBy(spinning, cpuOf), `${sumBy(onLine, cpuOf) / 1e6} ms of it on line ${line}`);
    });

    for (const end of ['exit', 'stop']) {
      it(`names V8's own functions in a profile that ends by ${end}`, async () => {
        const samples = await profileOf(node, dir, slowReads, ['builtin', end]);
        const searching = sumBy(samples.filter((sample) => isInside(sample, 'lastIndexOf')), cpuOf);
        assert.ok(searching > 150e6, `${searching / 1e6} ms in Array.prototype.lastIndexOf`);
      });
    }
  });
}

async function profileOf(node: NodeBinary, dir: string, slowReads: string, [what, end]: readonly [string, string]): Promise<ReturnType<typeof readPprof>['samples']> {
  const out = mkdtempSync(join(dir, 'out-'));
  const preload = end === 'exit' ? ['--import', register] : [];
  const env = { LD_PRELOAD: slowReads, HOTSPAN_EXPORT: `file:${out}`, HOTSPAN_RATE: '500' };
  const run = await runProgram({ node: node.path, args: ['--expose-gc', ...preload, program, what, end], env, timeoutMs: 30_000 });
  assert.deepEqual([run.code, run.stderr], [0, '']);
  const [file = ''] = readdirSync(out);
  return ofMainThread(readPprof(readFileSync(join(out, file)))).samples;
}
