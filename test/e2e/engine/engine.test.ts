import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flatHeap, readHeap } from '../../support/heap-query.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { countOf, cpuOf, ratio, readPprof, sumBy, type ProfileView, type Sample } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const programs = fileURLToPath(new URL('./programs/', import.meta.url));
const prebuilds = fileURLToPath(new URL('../../../prebuilds/linux-x64/', import.meta.url));
const twoShares = join(programs, 'two-shares.cjs');
const sourceLines = readFileSync(twoShares, 'utf8').split('\n');

let directory: string;
/** Of each test of a suite that calls this. */
function useFreshDirectory(): void {
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-engine-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
}

type Env = Readonly<Record<string, string>>;

function run(node: string, env: Env, args: readonly string[] = [twoShares], flags: readonly string[] = []): Promise<RunResult> {
  return runProgram({
    node,
    args: [...flags, '--import', register, ...args],
    env: { HOTSPAN_RATE: '999', HOTSPAN_PERIOD: '0', HOTSPAN_EXPORT: `file:${directory}`, HOTSPAN_ENGINE: 'auto', ...env },
    timeoutMs: 90_000,
  });
}

function profileOf(kind: string): Buffer {
  const files = readdirSync(directory).filter((file) => file.startsWith(kind));
  assert.equal(files.length, 1, files.join(' '));
  const bytes = readFileSync(join(directory, files[0] ?? ''));
  assertValidPprof(bytes);
  return bytes;
}

const cpuProfile = (): ProfileView => readPprof(profileOf('cpu'));

/** What NODE_V8_COVERAGE writes. */
interface Coverage {
  result: { url: string; functions: { functionName: string; isBlockCoverage: boolean }[] }[];
}

interface Said {
  addon: boolean;
  listeners: number;
  /** Milliseconds. */
  truth: { burnOnce: number; burnTwice: number };
}

/** The functions' shares and lines are those of the program; it is the inspector engine's, and says so. */
function assertTruth(stdout: string, profile: ProfileView): void {
  const { truth } = JSON.parse(stdout) as Said;
  assert.ok(profile.comments.some((line) => line.startsWith('engine: inspector')), profile.comments.join('\n'));
  const inside = (name: string): Sample[] => profile.samples.filter(({ frames }) => frames[0]?.name === name);
  const once = sumBy(inside('burnOnce'), cpuOf);
  const twice = sumBy(inside('burnTwice'), cpuOf);
  const share = ratio(twice, once + twice);
  const expected = truth.burnTwice / (truth.burnOnce + truth.burnTwice);
  assert.ok(Math.abs(share - expected) < 0.08, `burnTwice has ${(100 * share).toFixed(1)}%, not ${(100 * expected).toFixed(1)}%`);
  assert.ok(once + twice > 0.6 * sumBy(profile.samples, cpuOf), 'most of the time');
  assert.ok(sumBy(profile.samples, countOf) > 100);
  for (const name of ['burnOnce', 'burnTwice']) {
    const line = 1 + sourceLines.findIndex((text) => text.endsWith(`// @line ${name}`));
    const onLine = inside(name).filter(({ frames }) => frames[0]?.line === line);
    assert.ok(ratio(sumBy(onLine, countOf), sumBy(inside(name), countOf)) > 0.9, `${name} is on line ${line}`);
    for (const { frames } of onLine) assert.equal(frames[1]?.name, 'timed');
  }
  assert.deepEqual([...new Set(profile.samples.map(({ labels }) => labels['thread']))], ['main']);
  const idle = profile.comments.find((line) => line.startsWith('idle: main '));
  assert.ok(Number(/([\d.]+) s/.exec(idle ?? '')?.[1]) > 0, idle);
}

/** One line on stderr that says why, what is used instead and what to do. */
function assertOneWarning({ code, stderr }: RunResult, why: RegExp): void {
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^hotspan: [^\n]+\n$/);
  assert.match(stderr, why);
  assert.match(stderr, /V8's own profiler.*HOTSPAN_ENGINE=inspector.*hotspan doctor/);
}

for (const node of nodesUnderTest()) {
  describe(`engines on Node ${node.version}`, function () {
    useFreshDirectory();
    this.timeout(180_000);

    it('falls back with one warning where V8 is unknown, to a right profile', async () => {
      const result = await run(node.path, { HOTSPAN_TEST_FAULT: 'unknown-v8' });
      assertOneWarning(result, /V8 [\d.]+\S* is not in hotspan's table of known versions/);
      assertTruth(result.stdout, cpuProfile());
    });

    it('refuses an addon that was built for another V8', async function () {
      const { stdout: abi } = await runProgram({ node: node.path, args: ['-p', 'process.versions.modules'], timeoutMs: 30_000 });
      const others = readdirSync(prebuilds).filter((name) => name.endsWith('.node') && !name.includes(`.abi${abi.trim()}.`));
      if (others.length === 0) return this.skip();
      for (const other of others) {
        const code = `const addon = { exports: {} }; process.dlopen(addon, ${JSON.stringify(join(prebuilds, other))}); console.log(addon.exports.probe());`;
        const { stdout, stderr } = await runProgram({ node: node.path, args: ['-e', code], timeoutMs: 30_000 });
        assert.match(stdout, /^the addon was built for V8 [\d.]+x, this Node has V8 [\d.]+/, stderr);
      }
    });

    it('falls back with one warning where the self-test fails, to a right profile', async () => {
      const result = await run(node.path, { HOTSPAN_TEST_FAULT: 'self-test' });
      assertOneWarning(result, /its self-test failed: a known stack, /);
      assertTruth(result.stdout, cpuProfile());
    });

    it('falls back with one warning on a binary without symbols, to a right profile', async function () {
      const stripped = join(directory, 'node-stripped');
      const { status, error } = spawnSync('strip', ['-o', stripped, node.path]);
      if (error !== undefined) return this.skip();
      assert.equal(status, 0);
      const result = await run(stripped, {});
      assertOneWarning(result, /this node binary was stripped of its symbols/);
      assertTruth(result.stdout, cpuProfile());
    });

    it('keeps the native engine, and says nothing, where its self-test passes', async () => {
      const { code, stderr, stdout } = await run(node.path, {});
      assert.deepEqual([code, stderr], [0, '']);
      const { addon, listeners } = JSON.parse(stdout) as Said;
      assert.deepEqual([addon, listeners], [true, 0]);
      assert.ok(!cpuProfile().comments.some((line) => line.startsWith('engine: ')));
    });

    it('says one line and leaves the app alone where the native engine is a must and impossible', async () => {
      for (const fault of ['unknown-v8', 'self-test']) {
        const { code, stderr } = await run(node.path, { HOTSPAN_ENGINE: 'native', HOTSPAN_TEST_FAULT: fault }, [twoShares, '300']);
        assert.equal(code, 0);
        assert.match(stderr, /^hotspan: (cannot profile this process|no profiles from now on): [^\n]+\n$/);
      }
    });

    describe('HOTSPAN_ENGINE=inspector', () => describeInspector(node));
  });
}

function describeInspector(node: NodeBinary): void {
  const asked = { HOTSPAN_ENGINE: 'inspector' };

  it('profiles without a warning and without the addon', async () => {
    const { code, stderr, stdout } = await run(node.path, asked);
    assert.deepEqual([code, stderr], [0, '']);
    const { addon, listeners } = JSON.parse(stdout) as Said;
    assert.deepEqual([addon, listeners], [false, 0]);
    assertTruth(stdout, cpuProfile());
  });

  it('shows what lives on the heap', async () => {
    const { code, stderr } = await run(node.path, { ...asked, HOTSPAN_PROFILES: 'heap', HOTSPAN_HEAP_INTERVAL: '16384' });
    assert.deepEqual([code, stderr], [0, '']);
    const heap = readHeap(profileOf('heap'));
    const flat = [...flatHeap(heap, 'inuse_space')].sort((a, b) => b[1] - a[1]);
    assert.equal(flat[0]?.[0], 'keepObjects');
    assert.ok((flat[0]?.[1] ?? 0) > 1e6, String(flat[0]));
  });

  it('says one line where there is no inspector either', async () => {
    const { code, stderr } = await run(node.path, asked, ['--eval', 'process.exitCode = 3'], ['--require', join(programs, 'no-inspector.cjs')]);
    assert.equal(code, 3);
    assert.match(stderr, /^hotspan: cannot profile this process: this Node was built without V8's inspector; [^\n]+\n$/);
  });

  it('spoils no coverage that is taken beside it', async () => {
    const coverage = join(directory, 'coverage');
    const { code, stderr } = await run(node.path, { ...asked, HOTSPAN_PERIOD: '0.2', NODE_V8_COVERAGE: coverage }, [twoShares, '900']);
    assert.deepEqual([code, stderr], [0, '']);
    const result = readdirSync(coverage).flatMap((file) => (JSON.parse(readFileSync(join(coverage, file), 'utf8')) as Coverage).result);
    const script = result.find(({ url }) => url.endsWith('two-shares.cjs'));
    const burnOnce = script?.functions.find(({ functionName }) => functionName === 'burnOnce');
    // What is left once precise coverage was turned off knows functions only.
    assert.equal(burnOnce?.isBlockCoverage, true, JSON.stringify(script ?? result.map(({ url }) => url)));
  });
}
