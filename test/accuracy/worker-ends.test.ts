import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { holdFigures } from '../support/hold-figures.ts';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../support/node-versions.ts';
import { cpuOf, fileName, isInside, ratio, sumBy, threadOf, type ProfileView, type Sample } from '../support/pprof-query.ts';
import { engineUnderTest, runProfiled } from '../support/run-profiled.ts';
import { assertWithin, type WorkerTruth } from './thread-truth.ts';

const program = fileURLToPath(new URL('./programs/threads/worker-ends.mjs', import.meta.url));

interface EndTruth extends WorkerTruth {
  kind: string;
  /** CPU time of `burnAtTopLevel`, which runs while the worker's entry is evaluated. */
  topLevelNs: number;
  /** CPU time of `burnLater`, the last thing the worker does. */
  laterNs: number;
  code: number;
  error?: string;
}

interface Measured {
  profile: ProfileView;
  truths: ReadonlyMap<string, EndTruth>;
}

const kinds = [
  'return', 'exit', 'throw', 'terminate', 'commonjs-exit', 'eval-return', 'own-options-return', 'shared-env-return',
];
const exitCodes: Readonly<Record<string, number>> = { return: 0, exit: 5, throw: 1, terminate: 1 };

for (const node of nodesUnderTest()) {
  describeNeeding(['threads'], `how workers end on Node ${node.version}`, function () {
    this.timeout(120_000);
    before(function () {
      if (engineUnderTest() === 'v8') this.skip();
    });
    describeEnds(node);
  });
}

function describeEnds(node: NodeBinary): void {
  const itHolds = holdFigures(async (): Promise<Measured> => {
    const run = await runProfiled({ node: node.path, program, rateHz: 499 });
    assert.equal(run.code, 0, `exit ${run.signal ?? run.code}\n${run.stderr}`);
    assert.equal(run.stderr, '', 'the profiler must not write to stderr');
    assert.ok(run.profile, 'no profile was written');
    const truths = JSON.parse(run.stdout) as EndTruth[];
    return { profile: run.profile, truths: new Map(truths.map((truth) => [truth.kind, truth])) };
  });

  for (const kind of kinds) {
    const how = kind.split('-').at(-1)!;
    itHolds(`${kind}: ends as without a profiler`, ({ truths }) => {
      assert.equal(truths.get(kind)!.code, exitCodes[how]);
      assert.equal(truths.get(kind)!.error, how === 'throw' ? 'as told' : undefined);
    });

    itHolds(`${kind}: loses no cpu`, ({ profile, truths }) => {
      const truth = truths.get(kind)!;
      const found = sumBy(samplesOf(profile, truth), cpuOf);
      assertWithin(found, { atLeast: truth.sinceEntryNs, atMost: truth.wholeNs, tolerance: 0.03, what: kind });
    });

    itHolds(`${kind}: shows its first code and its last`, ({ profile, truths }) => {
      const truth = truths.get(kind)!;
      const samples = samplesOf(profile, truth);
      for (const [name, ns] of [['burnAtTopLevel', truth.topLevelNs], ['burnLater', truth.laterNs]] as const) {
        const share = ratio(sumBy(samples.filter((sample) => isInside(sample, name)), cpuOf), ns);
        assert.ok(Math.abs(share - 1) <= 0.1, `${name} has ${(100 * share).toFixed(1)}% of the time it took`);
      }
      assert.ok(samples.some(isInEntry), 'no sample shows the top level of its module');
    });
  }

  itHolds('mixes no worker up with another', ({ profile, truths }) => {
    const known = new Set(['main', ...[...truths.values()].map(({ threadId }) => `worker-${threadId}`)]);
    const burning = profile.samples.filter((sample) => isInside(sample, 'burnLater') || isInside(sample, 'burnAtTopLevel'));
    assert.ok(burning.length > 0, 'no worker was sampled');
    const wrong = burning.filter((sample) => threadOf(sample) === 'main' || !known.has(threadOf(sample)));
    assert.deepEqual(wrong, []);
  });
}

const samplesOf = ({ samples }: ProfileView, { threadId }: EndTruth): Sample[] =>
  samples.filter((sample) => threadOf(sample) === `worker-${threadId}`);

const isInEntry = ({ frames }: Sample): boolean =>
  frames.some(({ file, line }) => /^worker-ending\.[cm]js$/.test(fileName(file)) && line === (file.endsWith('.mjs') ? 3 : 4));
