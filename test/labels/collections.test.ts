import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { countOf, ratio, sumBy, threadOf, type Sample } from '../support/pprof-query.ts';
import { runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('programs/collections.cjs', import.meta.url));

for (const node of nodesUnderTest()) {
  describeNeeding(['labels'], `labels of collections on Node ${node.version}`, function () {
    this.timeout(120_000);
    let collections: { sample: Sample; task: string }[];

    before(async () => {
      // Else helper threads do most of it, and tasks of V8's own between the turns, which are in no context.
      const run = await runProfiled({ node: node.path, program, nodeFlags: ['--single-threaded-gc', '--v8-pool-size=0', '--no-minor-gc-task'] });
      assert.deepEqual([run.code, run.stderr], [0, '']);
      collections = (run.profile?.samples ?? []).flatMap((sample) => {
        const task = taskOf(sample);
        return task !== undefined && sample.frames.some(({ name }) => name === '(garbage collector)') ? [{ sample, task }] : [];
      });
    });

    for (const [place, isPlace] of [['main', (thread: string) => thread === 'main'], ['worker', (thread: string) => thread.startsWith('worker')]] as const) {
      it(`${place}: each has the labels of the code that triggered it`, () => {
        const own = collections.filter(({ sample }) => isPlace(threadOf(sample)));
        const labelled = own.filter(({ task }) => task !== `${place}_none`);
        const taken = sumBy(labelled.map(({ sample }) => sample), countOf);
        const right = sumBy(labelled.filter(({ sample, task }) => sample.labels['task'] === task).map(({ sample }) => sample), countOf);
        console.log(`        ${right} of ${taken} samples in collections`);
        assert.deepEqual(own.filter(({ sample, task }) => ![task.endsWith('_none') ? undefined : task, undefined].includes(sample.labels['task'])), [], 'of another task');
        assert.ok(taken >= 50, `${taken} samples in collections`);
        assert.ok(ratio(right, taken) >= 0.98, `${right} of ${taken}`);
      });
    }
  });
}

/** What the program says: the function that allocated is named after its task. */
function taskOf(sample: Sample): string | undefined {
  return sample.frames.map(({ name }) => /^allocate__(.+)$/.exec(name)?.[1]).find((task) => task !== undefined);
}
