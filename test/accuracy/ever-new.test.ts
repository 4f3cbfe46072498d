import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { countOf, isInside, ofMainThread, ratio, sumBy } from '../support/pprof-query.ts';
import { runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('./programs/ever-new.cjs', import.meta.url));

for (const node of nodesUnderTest()) {
  describeNeeding(['exact cpu'], `a process that compiles code for ever, on Node ${node.version}`, function () {
    this.timeout(60_000);

    // More functions than are kept: 8192. What is met after that is found as what was met before.
    it('has the names of all its functions, though most are forgotten', async () => {
      const { code, stderr, profile } = await runProfiled({ node: node.path, program, args: ['functions', '12000'], rateHz: 4000 });
      assert.equal(code, 0, stderr);
      const samples = ofMainThread(profile ?? assert.fail('no profile')).samples.filter((sample) => isInside(sample, 'turn'));
      const inPieces = samples.filter(({ frames }) => frames.some(({ name }) => /^piece_\d+$/.test(name)));
      const seen = new Set(inPieces.flatMap(({ frames }) => frames.map(({ name }) => name).filter((name) => name.startsWith('piece_'))));
      assert.ok(seen.size > 8500, `${seen.size} functions were sampled`);
      const right = inPieces.filter(({ frames }) => frames.some(({ name }, i) => name.startsWith('piece_') && frames[i + 1]?.name === 'turn'));
      assert.ok(ratio(sumBy(right, countOf), sumBy(inPieces, countOf)) > 0.98);
    });

    it('keeps the inline source maps that it met last, in bounds', async () => {
      const { code, stderr, stdout } = await runProfiled({ node: node.path, program, args: ['maps', '120'] });
      assert.equal(code, 0, stderr);
      // All of them are 120 MB.
      const { most } = JSON.parse(stdout) as { most: number };
      assert.ok(most < 50e6, `${Math.round(most / 1e6)} MB held`);
    });
  });
}
