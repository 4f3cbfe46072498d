import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { cpuOf, groupSum, readPprof, sumBy, threadOf, type Sample } from '../../support/pprof-query.ts';
import { engineUnderTest } from '../../support/run-profiled.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';
import { robustSlope } from './robust-slope.ts';

const full = process.env['HOTSPAN_TORTURE'] === 'full';
const workers = full ? 2000 : 100;
/**
 * CPU time that a worker burns. On crowded processors a tick finds most threads waiting, and now and then none finds a
 * given worker within 20 ms of its time: seen for one of 100 in two of 15 runs at a load of 10.
 */
const burnMs = full ? 20 : 60;
/** Memory is looked at from here on: until then caches, arenas and the heap grow to their size. */
const settledAfter = full ? 200 : 30;
/**
 * What a worker may leave behind beyond what it leaves without a profiler. Noise of the slope decides: a run of 2,000
 * tells some KiB a worker, one of 100 only what is as large as a forgotten sample ring (1 MiB).
 */
const leakLimitBytes = full ? 8 * 1024 : 1024 * 1024;

const program = fileURLToPath(new URL('./programs/churn.mjs', import.meta.url));
const register = new URL('../../../dist/register.js', import.meta.url).href;

interface Churn {
  /** `<how it was to end> <exit code> <error>`, or `terminate`: how many ended so. */
  ends: Record<string, number>;
  residentBytes: [workersEnded: number, bytes: number][];
  /** CPU nanoseconds in its functions, by threadId. */
  burntNs: Record<string, number>;
}

for (const node of nodesUnderTest()) {
  describeNeeding(['threads'], `worker churn on Node ${node.version} (${workers} workers)`, function () {
    this.timeout(1_800_000);
    let plain: RunResult;
    let profiled: RunResult;
    let samples: Sample[];

    before(async function () {
      if (engineUnderTest() === 'v8') this.skip();
      // At the same time: what the machine does to one it does to the other.
      [plain, { profiled, samples }] = await Promise.all([runChurn(node, [], {}), runProfiledChurn(node)]);
    });

    it('ends as without a profiler', () => {
      for (const [run, name] of [[plain, 'plain'], [profiled, 'profiled']] as const) {
        assert.deepEqual([run.code, run.signal, run.timedOut], [0, null, false], `${name}: ${run.stderr}`);
        assert.deepEqual(churnOf(run).ends, expectedEnds(), name);
      }
      assert.equal(profiled.stderr, '');
    });

    it('leaves no memory behind', () => {
      const [before, after] = [plain, profiled].map((run) =>
        robustSlope(churnOf(run).residentBytes.filter(([ended]) => ended >= settledAfter)),
      ) as [number, number];
      console.log(`        resident memory a worker: ${before.toFixed(0)} bytes without, ${after.toFixed(0)} with the profiler`);
      assert.ok(after - before <= leakLimitBytes, `${(after - before).toFixed(0)} bytes a worker more than without`);
    });

    it('credits no sample to the wrong worker', () => {
      assert.ok(samples.some((sample) => ownersOf(sample).length > 0), 'no worker was sampled');
      const wrong = samples.filter((sample) => ownersOf(sample).some((owner) => owner !== threadOf(sample)));
      const shown = wrong.slice(0, 3).map((sample) => `${threadOf(sample)}: ${sample.frames.map(({ name }) => name).join(' < ')}`);
      assert.deepEqual(shown, [], `${wrong.length} samples`);
    });

    it('has samples of nearly every worker, and nearly all of their time', () => {
      const burnt = Object.entries(churnOf(profiled).burntNs).filter(([, ns]) => ns >= (burnMs / 2) * 1e6);
      const found = groupSum(samples.filter((sample) => ownersOf(sample).length > 0), threadOf);
      const missing = burnt.filter(([threadId]) => !found.has(`worker-${threadId}`));
      assert.ok(burnt.length >= workers / 2, 'too few workers came to burn');
      assert.ok(missing.length <= 0.02 * burnt.length, `no sample of ${missing.length} of ${burnt.length} workers`);
      const byWorker = groupSum(samples, threadOf, cpuOf);
      const lost = burnt.filter(([threadId, ns]) => (byWorker.get(`worker-${threadId}`) ?? 0) < 0.97 * ns);
      const total = sumBy(samples.filter((sample) => threadOf(sample).startsWith('worker-')), cpuOf);
      const truth = burnt.reduce((sum, [, ns]) => sum + ns, 0);
      assert.ok(total >= 0.97 * truth, `${(total / 1e6).toFixed(0)} ms of ${(truth / 1e6).toFixed(0)} ms in all workers`);
      assert.ok(lost.length <= 0.02 * burnt.length, `${lost.length} of ${burnt.length} workers lost more than 3% of their time`);
    });
  });
}

function runChurn(node: NodeBinary, flags: readonly string[], env: Readonly<Record<string, string>>): Promise<RunResult> {
  const args = ['--expose-gc', ...flags, program, String(workers), String(burnMs)];
  return runProgram({ node: node.path, args, env, timeoutMs: 1_500_000 });
}

/** With rotation, so that memory of the profile itself is given back on the way. */
async function runProfiledChurn(node: NodeBinary): Promise<{ profiled: RunResult; samples: Sample[] }> {
  const dir = mkdtempSync(join(tmpdir(), 'hotspan-churn-'));
  try {
    const profiled = await runChurn(node, ['--import', register], {
      HOTSPAN_RATE: '1000',
      HOTSPAN_PERIOD: '3',
      HOTSPAN_PROFILES: 'cpu',
      HOTSPAN_EXPORT: `file:${dir}`,
    });
    const samples = readdirSync(dir).flatMap((file) => {
      const bytes = readFileSync(join(dir, file));
      assertValidPprof(bytes);
      return readPprof(bytes).samples;
    });
    return { profiled, samples };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const churnOf = ({ stdout }: RunResult): Churn => JSON.parse(stdout) as Churn;

function expectedEnds(): Record<string, number> {
  const each = workers / 4;
  return { 'return 0': each, terminate: each, 'throw 1 as told': each, 'exit 9': each };
}

/** The threads whose functions are in the stack, as labels. */
function ownersOf({ frames }: Sample): string[] {
  return frames.flatMap(({ name }) => {
    const threadId = /_of_worker_(\d+)$/.exec(name)?.[1];
    return threadId === undefined ? [] : [`worker-${threadId}`];
  });
}
