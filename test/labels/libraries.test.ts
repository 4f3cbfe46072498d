import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { countOf, ratio, sumBy, type Sample } from '../support/pprof-query.ts';
import { runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('programs/libraries.mjs', import.meta.url));
/** Pieces of work of libraries.mjs. */
const ways = [
  'redisPromise', 'redisCallback', 'redisPipeline', 'dataloaderBatch', 'dataloaderBatchLater', 'dataloaderAfter', 'poolAcquired', 'poolUsed',
  'poolReleased', 'undiciHeaders', 'undiciBody', 'fetchText', 'pQueueTask', 'pQueueLater', 'pQueueAfter', 'asyncQueue', 'asyncTask', 'piscinaAfter',
];

for (const node of nodesUnderTest()) {
  describeNeeding(['labels'], `libraries that share connections, batches and threads, on Node ${node.version}`, function () {
    this.timeout(120_000);
    let samples: readonly { readonly sample: Sample; readonly context: string; readonly way: string }[];
    before(async () => {
      const run = await runProfiled({ node: node.path, program, args: ['40'], timeoutMs: 100_000 });
      assert.deepEqual([run.code, run.stderr], [0, '']);
      samples = (run.profile?.samples ?? []).flatMap((sample) => {
        const [, context, way] = sample.frames.map(({ name }) => /work__(.+)__(.+)$/.exec(name)).find((match) => match !== null) ?? [];
        return context === undefined || way === undefined ? [] : [{ sample, context, way }];
      });
    });

    it('gives no sample the label of another context', () => {
      const wrong = samples.filter(({ sample, context }) => ![undefined, context].includes(sample.labels['context']));
      assert.deepEqual(wrong.map(({ context, way, sample }) => `${way} in ${context} has ${sample.labels['context']}`).slice(0, 5), []);
    });

    it('labels 98% of the samples of each way', () => {
      for (const way of ways) {
        const own = samples.filter((row) => row.way === way).map(({ sample }) => sample);
        const taken = sumBy(own, countOf);
        assert.ok(taken >= 20, `${taken} samples of ${way}`);
        const labelled = sumBy(own.filter(({ labels }) => labels['context'] !== undefined), countOf);
        assert.ok(ratio(labelled, taken) >= 0.98, `${way}: ${labelled} of ${taken}`);
      }
    });
  });
}
