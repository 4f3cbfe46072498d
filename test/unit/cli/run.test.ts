import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { topTable } from '../../../src/analyze/top.ts';
import { exitCodeOf } from '../../../src/cli/child-process.ts';
import { UsageError, parseCommandLine } from '../../../src/cli/command.ts';
import { runCommand } from '../../../src/cli/run.ts';
import { buildChildEnv, variablesFromFlags } from '../../../src/cli/run-environment.ts';
import { readProfile } from '../../../src/profile/read-profile.ts';

const program = fileURLToPath(new URL('./programs/fake-hotspan.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

let directory: string;
const out = (): string => join(directory, 'out');

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  return spawn(process.execPath, ['--import', tsx, program, 'run', '--out', out(), ...args], {
    cwd: directory,
    // Without a terminal's key signals whatever terminal the tests run in.
    detached: true,
    env: { ...inherited, NO_COLOR: '1', ...env },
  });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (text.stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (text.stderr += String(chunk)));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, ...text };
}

const run = (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> => ended(start(args, env));

describe('hotspan run', () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hotspan run-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('leaves one file per process and the merge, and reports on stderr alone', async () => {
    const script = "require('child_process').execFileSync(process.execPath, ['-e', '0'], { env: { ...process.env, FAKE_FUNCTION: 'inner' } }); console.log('out'); console.error('err')";
    const { code, stdout, stderr } = await run(['--', process.execPath, '-e', script]);
    assert.equal(code, 0);
    assert.equal(stdout, 'out\n');
    const files = await readdir(out());
    assert.equal(files.filter((name) => /^cpu-\d+\.pb\.gz$/.test(name)).length, 2);
    assert.deepEqual(files.filter((name) => !/^cpu-\d+\.pb\.gz$/.test(name)), ['cpu.pb.gz']);
    const { rows, total } = topTable(await readProfile(join(out(), 'cpu.pb.gz')));
    assert.deepEqual(rows.map(({ name }) => name).sort(), ['inner', 'work']);
    assert.equal(total, 20_000_000);
    assert.match(stderr, /^err\n/);
    assert.match(stderr, /\binner\b[^]*\bwork\b/);
    assert.match(stderr, /^cpu: 2 samples, 20(\.0+)?ms cpu, 24(\.0+)?ms wall, 2 processes$/m);
    assert.match(stderr, /^merged: +out\/cpu\.pb\.gz$/m);
    assert.match(stderr, /^open with: +go tool pprof -http=: out\/cpu\.pb\.gz$/m);
  });

  it('keeps files of earlier runs, out of the merge', async () => {
    const again = (name: string): Promise<Ended> => run([process.execPath, '-e', '0'], { FAKE_FUNCTION: name });
    await again('first');
    await again('second');
    assert.equal((await readdir(out())).length, 3);
    const { rows } = topTable(await readProfile(join(out(), 'cpu.pb.gz')));
    assert.deepEqual(rows.map(({ name }) => name), ['second']);
  });

  it('shows as many rows as -n says', async () => {
    const { stderr } = await run(['-n', '0', process.execPath, '-e', '0']);
    assert.doesNotMatch(stderr, /flat%|\bwork\b/);
    assert.match(stderr, /^cpu: 1 sample, .*, 1 process$/m);
  });

  it("gives the command's exit code", async () => {
    assert.equal((await run(['--', process.execPath, '-e', 'process.exit(7)'])).code, 7);
    assert.equal((await run(['sh', '-c', 'exit 3'])).code, 3);
  });

  it('dies of the signal that the command died of', async () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGUSR1'] as const) {
      const result = await run(['sh', '-c', `kill -${signal.slice(3)} $$`]);
      assert.deepEqual([result.code, result.signal], [null, signal]);
      assert.match(result.stderr, new RegExp(`^hotspan run: no profile: .*${signal}.*\\n$`));
    }
  });

  it('hands signals on to the command and waits for its end', async () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) {
      const script = `process.on('${signal}', () => process.exit(9)); setInterval(() => {}, 1000); console.log('ready')`;
      const child = start([process.execPath, '-e', script]);
      child.stdout?.once('data', () => child.kill(signal));
      const { code, stderr } = await ended(child);
      assert.equal(code, 9, signal);
      assert.match(stderr, /^cpu: 1 sample/m);
    }
  });

  it('refuses a command that does not exist in one line, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await run(['--', 'no-such-command-here']);
    assert.deepEqual([code, stdout, stderr], [2, '', 'hotspan run: command not found: no-such-command-here\n']);
    assert.equal(existsSync(out()), false);
  });

  it('refuses a file that cannot be executed', async () => {
    await writeFile(join(directory, 'plain.txt'), 'text', { mode: 0o644 });
    const { code, stderr } = await run(['--', './plain.txt']);
    assert.deepEqual([code, stderr], [2, 'hotspan run: cannot run ./plain.txt: permission denied\n']);
  });

  it('refuses an output directory that cannot be written before it starts the command', async () => {
    await writeFile(join(directory, 'file'), '');
    for (const path of [join(directory, 'file'), join(directory, 'file/below')]) {
      const { code, stdout, stderr } = await run(['--out', path, '--', 'echo', 'started']);
      assert.deepEqual([code, stdout], [2, '']);
      assert.equal(stderr, `hotspan run: cannot write to the output directory ${path}: it is not a directory\n`);
    }
  });

  it('refuses an output directory that the kernel does not let be, and does not wait for it', async () => {
    const { code, stderr } = await run(['--out', '/proc/hotspan/below', '--', 'echo', 'started']);
    const reason = 'cannot write to the output directory /proc/hotspan/below: no directory can be made there';
    assert.deepEqual([code, stderr], [2, `hotspan run: ${reason}\n`]);
  });

  it('says why there is no profile when the command is no Node.js program', async () => {
    const { code, stderr } = await run(['true']);
    assert.equal(code, 0);
    assert.match(stderr, /^hotspan run: no profile: no Node\.js process ran to its end .*\n$/);
    assert.equal(existsSync(out()), false);
  });

  it('skips a half-written file with one line', async () => {
    const script = "require('child_process').execFileSync(process.execPath, ['-e', '0'], { env: { ...process.env, FAKE_FILE: 'broken' } })";
    const { code, stderr } = await run([process.execPath, '-e', script]);
    assert.equal(code, 0);
    assert.equal(stderr.match(/^hotspan run: skipped a profile: cpu-\d+\.pb\.gz was left half-written \(.+\)$/gm)?.length, 1);
    assert.match(stderr, /^cpu: 1 sample, .*, 1 process$/m);
    assert.equal((await readdir(out())).length, 2);
  });

  it("leaves the command's own exit code when no profile can be finished", async () => {
    const script = "require('fs').rmSync(process.env.HOTSPAN_RUN_DIR, { recursive: true }); process.removeAllListeners('exit'); process.exit(5)";
    const { code, stderr } = await run([process.execPath, '-e', script]);
    assert.equal(code, 5);
    assert.match(stderr, /^hotspan run: could not finish the profiles: ENOENT.*\n$/);
  });
});

describe('variablesFromFlags', () => {
  const variables = (...argv: string[]): Record<string, string> =>
    variablesFromFlags(parseCommandLine(runCommand, argv).values);

  it('sets a variable for each flag given and none for the others', () => {
    assert.deepEqual(variables(), {});
    assert.deepEqual(variables('--rate', '500', '--native-frames=ALL', '--labels', 'a=b, c=d', '--service-version', '2'), {
      HOTSPAN_RATE: '500',
      HOTSPAN_NATIVE_FRAMES: 'all',
      HOTSPAN_LABELS: 'a=b,c=d',
      HOTSPAN_VERSION: '2',
    });
  });

  it('refuses what the table refuses, by the name of the flag', () => {
    const cases: readonly [string[], RegExp][] = [
      [['--rate', '0'], /^--rate "0": expected an integer from 1 to 10000 \(Hz\)$/],
      [['--rate='], /^--rate "": expected an integer/],
      [['--heap-interval', '10'], /^--heap-interval "10": expected an integer from 1024 to 1073741824 \(bytes\)$/],
      [['--labels', 'oops'], /^--labels "oops": expected key=value pairs/],
      [['--service='], /^--service "": expected text$/],
    ];
    for (const [argv, message] of cases) {
      assert.throws(() => variables(...argv), (error: unknown) => error instanceof UsageError && message.test(error.message));
    }
  });
});

describe('buildChildEnv', () => {
  const runDirectory = '/data/a,b/.run-1';
  const registerPath = '/opt/app/register.cjs';
  const build = (env: NodeJS.ProcessEnv, variables = {}): NodeJS.ProcessEnv =>
    buildChildEnv({ env, variables, runDirectory, registerPath });

  it('adds to NODE_OPTIONS and keeps the rest of the environment', () => {
    const env = build({ NODE_OPTIONS: '--max-old-space-size=100', PATH: '/bin' });
    assert.equal(env['NODE_OPTIONS'], `--max-old-space-size=100 --require=${registerPath}`);
    assert.equal(env['PATH'], '/bin');
    assert.equal(build({})['NODE_OPTIONS'], `--require=${registerPath}`);
    assert.equal(build({ NODE_OPTIONS: `--require=${registerPath} -C x` })['NODE_OPTIONS'], `--require=${registerPath} -C x`);
  });

  it('says where and when to write, and lets flags win over variables', () => {
    const env = build({ HOTSPAN_RATE: '1', HOTSPAN_ENABLED: 'false', HOTSPAN_PERIOD: '60' }, { HOTSPAN_RATE: '500' });
    assert.deepEqual(
      ['RATE', 'ENABLED', 'PERIOD', 'EXPORT', 'RUN_DIR'].map((name) => env[`HOTSPAN_${name}`]),
      ['500', 'true', '0', 'file:/data/a\\,b/.run-1', runDirectory],
    );
  });
});

describe('exitCodeOf', () => {
  it('is what a shell reports', () => {
    assert.deepEqual([exitCodeOf('SIGINT'), exitCodeOf('SIGKILL'), exitCodeOf('SIGTERM')], [130, 137, 143]);
  });
});

describe('the entry of the command', () => {
  it('is executable by its first line', async () => {
    const text = await readFile(new URL('../../../src/cli/main.ts', import.meta.url), 'utf8');
    assert.match(text, /^#!\/usr\/bin\/env node\n/);
  });
});
