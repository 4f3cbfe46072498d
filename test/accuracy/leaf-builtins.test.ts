import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { countOf, isInside, ratio, sumBy } from '../support/pprof-query.ts';
import { runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('./programs/leaf-builtins.mjs', import.meta.url));
const builtinOf = { burnLastIndexOf: 'Array.prototype.lastIndexOf', burnReverse: 'Array.prototype.reverse' };

for (const node of nodesUnderTest()) {
  describeNeeding(['exact cpu'], `V8's own functions at the leaf on Node ${node.version}`, () => {
    // Remains of earlier calls in such a frame once hid the function, and named its caller twice.
    it('stand once above the one function that called them', async () => {
      const { code, stderr, profile } = await runProfiled({ node: node.path, program });
      assert.equal(code, 0, stderr);
      for (const [caller, builtin] of Object.entries(builtinOf)) {
        const samples = profile?.samples.filter((sample) => isInside(sample, caller)) ?? [];
        assert.ok(sumBy(samples, countOf) > 20, `${sumBy(samples, countOf)} samples in ${caller}`);
        const right = samples.filter(({ frames }) => {
          const names = frames.map((frame) => frame.name);
          return names[names.indexOf(caller) - 1] === builtin && names.indexOf(caller) === names.lastIndexOf(caller);
        });
        assert.ok(ratio(sumBy(right, countOf), sumBy(samples, countOf)) > 0.95, `${builtin} is in ${sumBy(right, countOf)} of ${sumBy(samples, countOf)}`);
      }
    });
  });
}
