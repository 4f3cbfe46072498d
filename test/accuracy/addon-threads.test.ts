import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTestAddon } from '../support/build-addon.ts';
import { holdFigures } from '../support/hold-figures.ts';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../support/node-versions.ts';
import { cpuOf, groupSum, isInside, ratio, sumBy, threadOf, type ProfileView } from '../support/pprof-query.ts';
import { engineUnderTest, runProfiled } from '../support/run-profiled.ts';
import { assertWithin } from './thread-truth.ts';

const program = fileURLToPath(new URL('./programs/threads/addon-threads.cjs', import.meta.url));
const wildFrames = fileURLToPath(new URL('./programs/threads/wild-frames.cjs', import.meta.url));

interface Truth {
  /** CPU time of the thread `hst-burner`, and of `hotspan_test_spin_hot` in it. */
  burner: { hotNs: number; wholeNs: number };
  /** Threads that sleep in a system call again and again, without care for EINTR; `busy` burns between its sleeps. */
  sleepers: { name: string; calls: number; interrupted: number }[];
}

interface Measured {
  profile: ProfileView;
  truth: Truth;
}

for (const node of nodesUnderTest()) {
  describeNeeding(['threads'], `an addon's own threads on Node ${node.version}`, function () {
    this.timeout(120_000);
    describeAddonThreads(node);
  });
}

function describeAddonThreads(node: NodeBinary): void {
  let dir: string;
  let addon: string;

  before(function () {
    dir = mkdtempSync(join(tmpdir(), 'hotspan-addon-'));
    const built = buildTestAddon('threads', dir);
    if ('missing' in built) console.log(`      skipped: ${built.missing}`);
    if ('missing' in built || engineUnderTest() === 'v8') return this.skip();
    addon = built.path;
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const itHolds = holdFigures(async (): Promise<Measured> => {
    const run = await runProfiled({ node: node.path, program, args: [addon], rateHz: 999 });
    assert.equal(run.code, 0, `exit ${run.signal ?? run.code}\n${run.stderr}`);
    assert.ok(run.profile, 'no profile was written');
    return { profile: run.profile, truth: JSON.parse(run.stdout) as Truth };
  });

  // Not a figure: one failed call is one too many, and another run does not excuse it.
  it('makes no system call of a thread fail', async () => {
    const { stdout, stderr } = await runProfiled({ node: node.path, program, args: [addon], rateHz: 999 });
    const { sleepers } = JSON.parse(stdout) as Truth;
    assert.deepEqual(sleepers.map(({ name }) => name), ['epoll', 'poll', 'nanosleep', 'read', 'busy'], stderr);
    for (const { name, calls } of sleepers) if (name !== 'read') assert.ok(calls > 20, `${name} made ${calls} calls`);
    assert.deepEqual(sleepers.filter(({ interrupted }) => interrupted > 0), []);
  });

  it('samples code that uses the frame pointer register for itself, and follows no such value', async () => {
    const { code, signal, stdout, stderr, profile } = await runProfiled({ node: node.path, program: wildFrames, args: [addon] });
    assert.deepEqual({ code, signal, stdout, stderr }, { code: 0, signal: null, stdout: 'done\n', stderr: '' });
    assert.ok(profile, 'no profile was written');
    for (const thread of ['main', 'hst-wild']) {
      const own = profile.samples.filter((sample) => threadOf(sample) === thread && isInside(sample, 'hotspan_test_spin_wild'));
      assert.ok(sumBy(own, cpuOf) > 0.7e9, `${sumBy(own, cpuOf) / 1e6} ms on the thread ${thread}`);
    }
  });

  itHolds("gives a thread its own name and the CPU its clock showed within 3%", ({ profile, truth }) => {
    const found = groupSum(profile.samples, threadOf).get('hst-burner') ?? 0;
    assertWithin(found, { atLeast: truth.burner.wholeNs, tolerance: 0.03, what: 'hst-burner' });
  });

  itHolds('names its functions', ({ profile, truth }) => {
    const own = profile.samples.filter((sample) => threadOf(sample) === 'hst-burner');
    const hot = ratio(sumBy(own.filter((sample) => isInside(sample, 'hotspan_test_spin_hot')), cpuOf), truth.burner.wholeNs);
    const cold = ratio(sumBy(own.filter((sample) => isInside(sample, 'hotspan_test_spin_cold')), cpuOf), truth.burner.wholeNs);
    const expected = truth.burner.hotNs / truth.burner.wholeNs;
    assert.ok(Math.abs(hot - expected) <= 0.05, `the hot function has ${(100 * hot).toFixed(1)}%, not ${(100 * expected).toFixed(1)}%`);
    assert.ok(hot + cold >= 0.95, `both have ${(100 * (hot + cold)).toFixed(1)}%`);
  });

  itHolds('names the function of a thread that mostly sleeps', ({ profile }) => {
    const own = profile.samples.filter((sample) => threadOf(sample) === 'hst-busy');
    const share = ratio(sumBy(own.filter((sample) => isInside(sample, 'hotspan_test_busy_part')), cpuOf), sumBy(own, cpuOf));
    assert.ok(share >= 0.8, `${(100 * share).toFixed(1)}% of its time is in its function`);
  });
}
