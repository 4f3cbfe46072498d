import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { holdFigures } from '../support/hold-figures.ts';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../support/node-versions.ts';
import { bareName, cpuOf, groupSum, ofMainThread, ratio } from '../support/pprof-query.ts';
import { engineUnderTest, runProfiled } from '../support/run-profiled.ts';
import { parseTruth } from './cases.ts';
import { assertErrorsWithin, shareErrors } from './share-errors.ts';

const program = fileURLToPath(new URL('./programs/short-work.cjs', import.meta.url));
/** A period is as long as the work of a request. */
const rateHz = 1000;

for (const node of nodesUnderTest()) {
  describeNeeding(['exact cpu'], `work as short as a sampling period, on Node ${node.version}`, function () {
    this.timeout(60_000);
    before(function () {
      if (engineUnderTest() === 'v8') this.skip();
    });
    const itHolds = holdFigures(() => measure(node));
    // Counted to the next sample, as the time before a sample is, the rest of a request would be what the next begins
    // with: 6 points too little for its first half. Chance alone is 1.5 points.
    itHolds('counts what follows the last sample of a request to that request', ({ expected, found }) => {
      assertErrorsWithin(shareErrors(expected, found), 0.04, 'shares of the two halves of a request');
    });
  });
}

async function measure(node: NodeBinary): Promise<Record<'expected' | 'found', Map<string, number>>> {
  const run = await runProfiled({ node: node.path, program, rateHz });
  assert.equal(run.code, 0, `exit ${run.signal ?? run.code}\n${run.stderr}`);
  assert.ok(run.profile, 'no profile was written');
  const truth = new Map(Object.entries(parseTruth(run.stdout).cpuNs));
  const cpu = groupSum(ofMainThread(run.profile).samples, ({ frames }) => frames.map(({ name }) => bareName(name)).find((name) => truth.has(name)), cpuOf);
  return { expected: sharesOf(truth), found: sharesOf(cpu) };
}

function sharesOf(sums: ReadonlyMap<string, number>): Map<string, number> {
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return new Map([...sums].map(([name, value]) => [name, ratio(value, total)]));
}
