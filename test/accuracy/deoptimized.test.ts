import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { countOf, isInside, ratio, sumBy } from '../support/pprof-query.ts';
import { runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('./programs/deoptimized.cjs', import.meta.url));
const callers = ['deoptimizedLeaf', 'deoptimizedCaller'];

for (const node of nodesUnderTest()) {
  describeNeeding(['inlining'], `callers whose code was given up while they ran on Node ${node.version}`, () => {
    it('are in the stacks, with their lines', async () => {
      const { code, stderr, profile } = await runProfiled({ node: node.path, program });
      assert.equal(code, 0, stderr);
      const below = profile?.samples.filter((sample) => isInside(sample, 'burnBelow')) ?? [];
      assert.ok(sumBy(below, countOf) > 100, `${sumBy(below, countOf)} samples`);
      for (const name of callers) {
        const lined = below.filter(({ frames }) => frames.some((frame) => frame.name === name && frame.line > 0));
        assert.ok(ratio(sumBy(lined, countOf), sumBy(below, countOf)) > 0.95, `${name} is in ${sumBy(lined, countOf)} of ${sumBy(below, countOf)}`);
      }
    });
  });
}
