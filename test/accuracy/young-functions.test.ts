import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, refusalOf } from '../support/node-versions.ts';
import { countOf, isInside, ratio, sumBy } from '../support/pprof-query.ts';
import { runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('./programs/young-functions.mjs', import.meta.url));
const callees = { inAlpha: 'alpha', inBeta: 'beta', inGamma: '<anonymous>', inShelf: 'Shelf.search' };
/** Hundreds of scavenges a second; the other way V8 collects young objects; callers in the interpreter and Sparkplug. */
const flagSets = [['--max-semi-space-size=1'], ['--minor-ms'], ['--max-semi-space-size=1', '--no-opt']];

for (const node of nodesUnderTest()) {
  describeNeeding(['exact cpu'], `functions that scavenges move on Node ${node.version}`, function () {
    this.timeout(60_000);
    for (const flags of flagSets) {
      if (refusalOf(node, flags) !== undefined) continue;
      it(`keep their names (${flags.join(' ')})`, async () => {
        const { code, stderr, profile } = await runProfiled({ node: node.path, nodeFlags: flags, program });
        assert.equal(code, 0, stderr);
        for (const [caller, callee] of Object.entries(callees)) {
          const samples = (profile?.samples ?? []).filter((sample) => isInside(sample, caller));
          const searching = samples.filter(({ frames }) => frames[0]?.name === 'Array.prototype.lastIndexOf');
          assert.ok(sumBy(searching, countOf) > 50, `${sumBy(searching, countOf)} samples in lastIndexOf beneath ${caller}`);
          const right = searching.filter(({ frames }) => frames[1]?.name === callee);
          const wrong = searching.find(({ frames }) => frames[1]?.name !== callee)?.frames.map(({ name }) => name);
          assert.ok(
            ratio(sumBy(right, countOf), sumBy(searching, countOf)) > 0.98,
            `${callee} is called lastIndexOf in ${sumBy(right, countOf)} of ${sumBy(searching, countOf)}; not in ${wrong?.join(' < ')}`,
          );
        }
      });
    }
  });
}
