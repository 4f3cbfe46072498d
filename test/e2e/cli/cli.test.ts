import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { itNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { bareName, cpuOf, readPprof, sumBy, type ProfileView } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const programs = fileURLToPath(new URL('./programs/', import.meta.url));
const busy = join(programs, 'busy.mjs');

for (const node of nodesUnderTest()) {
  describe(`hotspan command on Node ${node.version}`, () => {
    useFreshDirectory();
    describe('run', () => describeRun(node));
    describe('top', () => describeTop(node));
    describe('doctor', () => describeDoctor(node));
    it('refuses a command it does not know, with a guess', async () => {
      const { code, stderr } = await hotspan(node, ['tpo']);
      assert.equal(code, 2);
      assert.equal(stderr, 'hotspan: unknown command tpo (did you mean top?)\n');
    });
  });
}

let directory: string;
/** Of each test of a suite that calls this. */
function useFreshDirectory(): void {
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-e2e-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
}

function hotspan(node: NodeBinary, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  return runProgram({ node: node.path, args: [cli, ...args], env: { NO_COLOR: '1', ...env }, cwd: directory, timeoutMs: 60_000 });
}

const profilesIn = (folder: string): string[] => readdirSync(join(directory, folder)).sort();

function profileAt(path: string): ProfileView {
  const bytes = readFileSync(join(directory, path));
  assertValidPprof(bytes);
  return readPprof(bytes);
}

function shareOf(profile: ProfileView, name: string): number {
  const inside = profile.samples.filter(({ frames }) => frames.some((frame) => bareName(frame.name) === name));
  return sumBy(inside, cpuOf) / sumBy(profile.samples, cpuOf);
}

/** One line that ends, and nothing that looks like a stack trace. */
function assertOneLine(text: string): void {
  assert.match(text, /^[^\n]+\n$/);
  assert.doesNotMatch(text, /^\s+at /m);
}

function describeRun(node: NodeBinary): void {
  it('leaves the output alone, the profiles in DIR and a report on stderr', async () => {
    const result = await hotspan(node, ['run', '--out', 'out', '--', node.path, busy]);
    assert.deepEqual([result.code, result.signal, result.stdout], [0, null, 'burnt\n'], result.stderr);
    const [own = '', merged = ''] = profilesIn('out');
    assert.match(own, /^cpu-\d+\.pb\.gz$/);
    assert.equal(merged, 'cpu.pb.gz');
    for (const file of [own, merged]) assert.ok(shareOf(profileAt(`out/${file}`), 'burnHere') > 0.5, file);
    assert.match(result.stderr, /burnHere .*busy\.mjs:4$/m);
    assert.match(result.stderr, /^open with: +go tool pprof -http=: out\/cpu\.pb\.gz$/m);
    assert.doesNotMatch(result.stderr, /\u001b/);
  });

  it("ends with the command's exit code", async () => {
    assert.equal((await hotspan(node, ['run', '--', node.path, busy, '7', '50'])).code, 7);
  });

  it('dies of the signal that ended the command', async () => {
    const { code, signal } = await hotspan(node, ['run', '--', node.path, busy, 'SIGTERM', '50']);
    assert.deepEqual([code, signal], [null, 'SIGTERM']);
  });

  // All of these reach the command as well as hotspan, which hands signals on.
  const senders: Readonly<Record<string, (pid: number, child: number) => void>> = {
    'both, as a service manager does': (pid, child) => [pid, child].forEach((one) => process.kill(one, 'SIGTERM')),
    'both, the command first': (pid, child) => [child, pid].forEach((one) => process.kill(one, 'SIGTERM')),
    'the process, then its group, as timeout does': (pid) => [pid, -pid].forEach((one) => process.kill(one, 'SIGTERM')),
    'the group, by SIGINT': (pid) => process.kill(-pid, 'SIGINT'),
  };
  for (const [whom, send] of Object.entries(senders)) {
    itNeeding(['signals'], `keeps the profile when a signal is sent to ${whom}`, async () => {
      const ready = "console.log(process.pid); setInterval(() => { const end = Date.now() + 20; while (Date.now() < end); }, 40);";
      const run = spawn(node.path, [cli, 'run', '--out', 'out', '--', node.path, '-e', ready], {
        cwd: directory, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(run, 'exit');
      const [line] = (await once(run.stdout, 'data')) as [Buffer];
      await delay(300);
      send(run.pid ?? assert.fail(), Number(String(line)));
      await ended;
      assert.ok(existsSync(join(directory, 'out', 'cpu.pb.gz')), String(run.stderr.read()));
      assert.ok(sumBy(profileAt('out/cpu.pb.gz').samples, cpuOf) > 0);
    });
  }

  it('leaves nothing behind of a process that outlives it', async () => {
    const background = `${node.path} -e "setTimeout(() => console.log('over'), 1500)" &`;
    const run = spawn(node.path, [cli, 'run', '--out', 'out', '--', 'sh', '-c', `${background} ${node.path} ${busy}`], {
      cwd: directory, stdio: ['ignore', 'pipe', 'pipe'],
    });
    const text = { stdout: '', stderr: '' };
    run.stdout.on('data', (data: Buffer) => (text.stdout += String(data)));
    run.stderr.on('data', (data: Buffer) => (text.stderr += String(data)));
    await once(run, 'close'); // the pipes are the other process's, too
    assert.match(text.stdout, /over/);
    assert.ok(profilesIn('out').every((name) => name.startsWith('cpu')), profilesIn('out').join(' '));
    assert.doesNotMatch(text.stderr, /cannot write/);
  });

  it('profiles child processes, and merges them', async () => {
    const { code, stderr } = await hotspan(node, ['run', '--out', 'out', '--', node.path, join(programs, 'family.mjs')]);
    assert.equal(code, 0, stderr);
    const files = profilesIn('out');
    assert.equal(files.filter((file) => /^cpu-\d+\.pb\.gz$/.test(file)).length, 3, files.join(' '));
    assert.ok(shareOf(profileAt('out/cpu.pb.gz'), 'burnHere') > 0.3);
  });

  it('says why nothing was started', async () => {
    writeFileSync(join(directory, 'file'), '');
    const cases: readonly (readonly [args: readonly string[], expected: RegExp])[] = [
      [['run', '--', 'no-such-command-here'], /command not found: no-such-command-here/],
      [['run', '--rate', 'fast', '--', node.path, busy], /--rate "fast"/],
      [['run', '--rtae', '99', '--', node.path, busy], /--rtae.*--rate/],
      [['run', '--out', 'file/x', '--', node.path, busy], /cannot write to the output directory file\/x/],
      [['run'], /no command given/],
    ];
    for (const [args, expected] of cases) {
      const { code, stdout, stderr } = await hotspan(node, args);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, expected);
      assertOneLine(stderr);
    }
  });

  it('starts the app all the same when a variable has a bad value', async () => {
    const { code, stdout, stderr } = await hotspan(node, ['run', '--', node.path, busy, '3', '50'], { HOTSPAN_NATIVE_FRAMES: 'some' });
    assert.deepEqual([code, stdout], [3, 'burnt\n']);
    assert.match(stderr, /HOTSPAN_NATIVE_FRAMES="some": .*all, leaf/);
  });
}

function describeTop(node: NodeBinary): void {
  it('shows functions and lines of a profile', async () => {
    await hotspan(node, ['run', '--out', 'out', '--', node.path, busy]);
    const functions = await hotspan(node, ['top', 'out/cpu.pb.gz', '--json', '-n', '1']);
    const { rows, type } = JSON.parse(functions.stdout) as { type: string; rows: { name: string; line: number; cumPercent: number }[] };
    assert.equal(type, 'cpu');
    assert.equal(rows[0]?.name, 'burnHere');
    assert.equal(rows[0].line, 4);
    const lines = await hotspan(node, ['top', '--by', 'line', 'out/cpu.pb.gz']);
    assert.match(lines.stdout, /burnHere .*busy\.mjs:6$/m);
    assert.equal(lines.code, 0);
  });

  it('says in one line what is wrong with a file', async () => {
    writeFileSync(join(directory, 'text.pb.gz'), 'not a profile');
    const good = await hotspan(node, ['run', '--out', 'out', '--', node.path, busy, '0', '50']);
    assert.equal(good.code, 0, good.stderr);
    writeFileSync(join(directory, 'cut.pb.gz'), readFileSync(join(directory, 'out/cpu.pb.gz')).subarray(0, 200));
    for (const file of ['text.pb.gz', 'cut.pb.gz', 'missing.pb.gz', '.']) {
      const { code, stdout, stderr } = await hotspan(node, ['top', file]);
      assert.deepEqual([code, stdout], [2, ''], `${file}: ${stderr}`);
      assertOneLine(stderr);
    }
  });

  it('writes what go tool pprof opens', async function () {
    if (spawnSync('go', ['version']).status !== 0) return this.skip();
    const { stderr } = await hotspan(node, ['run', '--out', 'out', '--', node.path, busy]);
    assert.ok(existsSync(join(directory, 'out/cpu.pb.gz')), stderr);
    const pprof = spawnSync('go', ['tool', 'pprof', '-top', 'out/cpu.pb.gz'], { cwd: directory, encoding: 'utf8' });
    assert.equal(pprof.status, 0, pprof.stderr);
    assert.match(pprof.stdout, /^Type: cpu$/m);
    assert.match(pprof.stdout, /burnHere/);
  });
}

function describeDoctor(node: NodeBinary): void {
  itNeeding(['native'], 'finds the native engine fit, and says what is limited', async () => {
    const { code, stdout, stderr } = await hotspan(node, ['doctor', '--json']);
    const report = JSON.parse(stdout) as { engine: string; node: string; reason: string; checks: { ok: boolean }[]; limits: string[] };
    assert.deepEqual([code, report.engine, report.node], [0, 'native', node.version], `${report.reason}${stderr}`);
    assert.ok(report.checks.length >= 3 && report.checks.every(({ ok }) => ok));
    assert.deepEqual(report.limits.filter((limit) => !/async hooks/.test(limit)), []);
  });
}
