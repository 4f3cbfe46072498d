import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTestAddon } from '../../support/build-addon.ts';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { cpuOf, sumBy, threadOf, type ProfileView, type Sample } from '../../support/pprof-query.ts';
import { runProgram } from '../../support/run-program.ts';
import { runProfiled, type ProfiledRun } from '../../support/run-profiled.ts';

const coroutine = fileURLToPath(new URL('./programs/coroutine.cjs', import.meta.url));
const program = fileURLToPath(new URL('./programs/signal-users.cjs', import.meta.url));
/** What each thread uses after native code has changed what becomes of the signal. */
const burntNs = 2.5e9;
/** A thread that does not answer is noticed after a second; a busy machine makes it two. */
const unnoticedNs = 0.6e9;

interface Truth {
  /** Hotspan's before and after. */
  signal: number;
  takenNext: number;
  /** How often a handler of the addon's own ran. */
  hits: number;
}

for (const node of nodesUnderTest()) {
  describeNeeding(['threads'], `native code that changes the sampling signal on Node ${node.version}`, function () {
    this.timeout(120_000);
    describeSignalUsers(node);
  });
}

function describeSignalUsers(node: NodeBinary): void {
  let dir: string;
  let addon: string;
  before(function () {
    dir = mkdtempSync(join(tmpdir(), 'hotspan-signal-users-'));
    const built = buildTestAddon('signals', dir);
    if ('missing' in built) return this.skip();
    addon = built.path;
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const run = async (kind: string, when: string): Promise<ProfiledRun & { truth: Truth; profile: ProfileView }> => {
    const done = await runProfiled({ node: node.path, program, args: [addon, kind, when], rateHz: 499 });
    assert.deepEqual({ code: done.code, signal: done.signal }, { code: 0, signal: null }, done.stderr);
    assert.ok(done.profile, 'no profile was written');
    return { ...done, profile: done.profile, truth: JSON.parse(done.stdout) as Truth };
  };

  for (const when of ['before', 'after']) {
    for (const [kind, what] of [['reset', 'reset'], ['handle', 'handled by the addon'], ['ignore', 'ignored']] as const) {
      it(`goes on with another signal when it is ${what} ${when} the self-test`, async () => {
        const { truth, profile, stderr } = await run(kind, when);
        assert.equal(truth.signal, constants.signals.SIGURG);
        assert.notEqual(truth.takenNext, 0);
        assert.equal(stderr, '');
        // One that was under way in each thread.
        assert.ok(truth.hits <= 4, `the addon's handler ran ${truth.hits} times`);
        for (const thread of ['main', 'worker-1', 'hst-takes']) {
          const { all, notSampled } = timesOf(profile, thread);
          assert.ok(all > 0.9 * burntNs, `${thread} has ${all / 1e9} s of CPU`);
          // Of a worker's last moments, and at most one signal that was under way.
          assert.ok(notSampled < 0.6 * burntNs, `${thread} has ${notSampled / 1e9} s without a stack`);
        }
      });
    }
  }

  it('counts the CPU of threads that block signals after the self-test', async () => {
    const { profile, stderr } = await run('block', 'after');
    assert.equal(stderr, '');
    for (const thread of ['main', 'worker-1', 'hst-blocks']) {
      const { all, notSampled } = timesOf(profile, thread);
      assert.ok(all > 0.9 * burntNs, `${thread} has ${all / 1e9} s of CPU`);
      assert.ok(notSampled > burntNs - unnoticedNs, `${thread} has ${notSampled / 1e9} s of it without a stack`);
    }
    const stated = profile.comments.find((line) => line.includes('did not answer the sampling signal')) ?? '';
    assert.ok(Number(/([\d.]+) s of CPU/.exec(stated)?.[1]) > (2 * (burntNs - unnoticedNs)) / 1e9, profile.comments.join('\n'));
  });

  it('walks no stack that lies within a limit which the process raised', async function () {
    const hotspan = fileURLToPath(new URL('../../../dist/index.cjs', import.meta.url));
    const { code, signal, stdout, stderr } = await runProgram({ node: node.path, args: [coroutine, addon, hotspan, dir], timeoutMs: 60_000 });
    assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
    if (stdout === 'no room\n') return this.skip(); // or a low hard limit
    assert.equal(stdout, 'ran\n');
  });

  it('says so in one line when the main thread blocks signals before the self-test', async () => {
    const { stderr } = await run('block', 'before');
    assert.match(stderr, /^hotspan: [^\n]*the sampling signal does not come[^\n]*\n$/);
  });
}

function timesOf(profile: ProfileView, thread: string): { all: number; notSampled: number } {
  const own = profile.samples.filter((sample: Sample) => threadOf(sample) === thread);
  return { all: sumBy(own, cpuOf), notSampled: sumBy(own.filter(({ frames }) => frames[0]?.name === '(not sampled)'), cpuOf) };
}
