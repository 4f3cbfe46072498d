import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { isInspector, itNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, refusalOf, type NodeBinary } from '../support/node-versions.ts';
import { countOf, sumBy } from '../support/pprof-query.ts';
import { runProgram, type RunResult } from '../support/run-program.ts';
import { engineUnderTest, runProfiled, type ProfiledRun } from '../support/run-profiled.ts';
import { createPool } from '../support/run-pool.ts';
import { assertValidPprof } from '../support/valid-profile.ts';
import { tortureProgramsOf, type TortureProgram } from './programs-list.ts';

const full = process.env['HOTSPAN_TORTURE'] === 'full';
/** How much work the programs do; at 1 each takes some 0.2 s without a profiler. */
const scale = full ? 3 : 0.5;
/** 60 s for the quick programs; thousands of starts in one that V8's flags slow down take that much on a busy machine. */
const timeoutMs = full ? 240_000 : 60_000;

/** V8 flags that change frames, tiers, or when objects move and die; and labels on every sample. */
const flagSets: readonly (readonly string[])[] = [
  [],
  ['--jitless'],
  ['--no-opt'],
  ['--always-sparkplug'],
  ['--maglev'],
  ['--always-osr'],
  ['--stress-compaction'],
  ['--stress-scavenge=100'],
  ['--gc-interval=500'],
  ['--interpreted-frames-native-stack'],
  ['--single-threaded'],
  ['--import', new URL('./preload-labels.mjs', import.meta.url).href],
];

const programs = tortureProgramsOf(full ? 'all' : 'first');
const pool = createPool(Math.min(2, availableParallelism()));

for (const node of nodesUnderTest()) {
  describe(`torture on Node ${node.version} (${engineUnderTest()}, ${full ? 'full' : 'quick'})`, function () {
    // A test waits for the runs queued before it; what hangs is killed by its own time limit.
    this.timeout(0);
    const baselines = new Map<TortureProgram, Promise<RunResult>>();
    before(() => {
      for (const program of programs) baselines.set(program, pool(() => runPlain(node, program, [])));
    });
    for (const flags of flagSets) {
      describe(flags.join(' ') || 'no flags', () => describeFlags(node, flags, baselines));
    }
  });
}

function describeFlags(node: NodeBinary, flags: readonly string[], baselines: Map<TortureProgram, Promise<RunResult>>): void {
  const runs = new Map<TortureProgram, Promise<ProfiledRun>>();

  before(function () {
    const refusal = refusalOf(node, flags);
    if (refusal !== undefined) {
      console.log(`      skipped: ${refusal}`);
      this.skip();
    }
    for (const program of programs.filter(applies)) runs.set(program, pool(() => runTortured(node, program, flags)));
  });

  for (const program of programs) {
    const testIt = applies(program) ? it : itNeeding.bind(undefined, ['idle rest']);
    testIt(program.title, async () => {
      const [baseline, run] = await Promise.all([baselines.get(program), runs.get(program)]);
      assert.ok(baseline && run);
      await assertSameBehaviour(node, program, flags, baseline, run);
      assertProfile(program, run);
    });
  }
}

/** Thousands of starts, for which one engine needs a minute. */
function applies({ start }: TortureProgram): boolean {
  return !isInspector || start !== 'self';
}

const argumentsOf = ({ case: name }: TortureProgram): string[] => [String(scale), ...(name ? [name] : [])];

function runPlain(node: NodeBinary, program: TortureProgram, flags: readonly string[]): Promise<RunResult> {
  const args = [...flags, ...program.flags, program.path, ...argumentsOf(program)];
  return runProgram({ node: node.path, args, env: { HOTSPAN_TEST_NOOP: '1' }, timeoutMs });
}

function runTortured(node: NodeBinary, program: TortureProgram, flags: readonly string[]): Promise<ProfiledRun> {
  return runProfiled({
    node: node.path,
    program: program.path,
    nodeFlags: [...flags, ...program.flags],
    args: argumentsOf(program),
    start: program.start,
    env: program.start === 'self' && engineUnderTest() === 'v8' ? { HOTSPAN_TEST_NOOP: '1' } : {},
    timeoutMs,
  });
}

/**
 * The profiled run under a flag must end as the plain run without one: the programs' checksums do not depend on V8's
 * flags. Where they differ, the flag alone is tried, to tell whose fault it is.
 */
async function assertSameBehaviour(
  node: NodeBinary,
  program: TortureProgram,
  flags: readonly string[],
  baseline: RunResult,
  run: ProfiledRun,
): Promise<void> {
  const { title, code, signal, stderr } = program;
  assert.deepEqual(endOf(baseline), { code, signal, timedOut: false }, `${title} fails by itself:\n${baseline.stderr}`);
  const expected = { code, signal, timedOut: false, stdout: baseline.stdout };
  const found = { ...endOf(run), stdout: run.stdout };
  try {
    assert.deepEqual(found, expected);
    if (stderr === undefined) assert.equal(withoutFlagWarnings(run.stderr), '', 'the profiler must not write to stderr');
    else assert.ok(run.stderr.includes(stderr), `stderr lacks "${stderr}"`);
  } catch (error) {
    const alone = await runPlain(node, program, flags);
    const sameAlone = JSON.stringify([found, run.stderr]) === JSON.stringify([{ ...endOf(alone), stdout: alone.stdout }, alone.stderr]);
    const blame = sameAlone ? 'the same happens without the profiler' : 'the flag alone does not do this';
    throw new Error(`${title} (${blame}): ${String(error)}\nstderr:\n${run.stderr.slice(0, 2000)}`, { cause: error });
  }
}

/** Node 20 says so under --jitless, which excludes WebAssembly. */
const withoutFlagWarnings = (text: string): string => text.replace(/^Warning: disabling flag .*\n/gm, '');

const endOf = ({ code, signal, timedOut }: RunResult): Pick<RunResult, 'code' | 'signal' | 'timedOut'> => ({
  code,
  signal,
  timedOut,
});

function assertProfile(program: TortureProgram, run: ProfiledRun): void {
  if (!program.leavesProfile || (engineUnderTest() === 'v8' && program.start === 'self')) return;
  assert.ok(run.profile && run.profileBytes, 'no profile was written');
  if (engineUnderTest() === 'hotspan') assertValidPprof(run.profileBytes);
  assert.ok(sumBy(run.profile.samples, countOf) > 0, 'the profile has no samples');
}
