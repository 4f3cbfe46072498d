import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { isInside, readPprof } from '../../support/pprof-query.ts';
import { RecordingServer } from '../../support/recording-server.ts';
import { createPool } from '../../support/run-pool.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const hostile = fileURLToPath(new URL('./programs/hostile.cjs', import.meta.url));

/** What an app may take away, by what it is about. */
const families: Readonly<Record<string, readonly string[]>> = {
  'the calendar clock': ['Date'],
  'functions of the clocks': ['Date.now', 'Date.parse', 'performance.now', 'process.hrtime'],
  'the monotonic clock': ['performance'],
  timers: ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
  'the queue of microtasks': ['queueMicrotask'],
  process: ['process'],
  'functions of process': ['process.cwd', 'process.emitWarning', 'process.getuid', 'process.getBuiltinModule', 'process.once', 'process.cpuUsage'],
  promises: ['Promise'],
  bytes: ['Buffer', 'Uint8Array', 'TextEncoder', 'TextDecoder', 'structuredClone'],
  addresses: ['URL', 'URLSearchParams'],
  'tables and texts': ['Map', 'Set', 'WeakMap', 'JSON', 'Math', 'RegExp', 'Number', 'String', 'BigInt'],
  'functions of objects': ['JSON.stringify', 'JSON.parse', 'Math.random', 'Math.round', 'Math.max', 'Reflect.apply', 'Atomics.load'],
  'the network': ['AbortController', 'fetch', 'Response', 'Headers'],
  'where errors are shown': ['console', 'process.stderr.write', 'process.stdout.write'],
};

interface Outcome extends RunResult {
  /** Periods that reached the backend before the program's end. */
  readonly uploadsMeanwhile: number;
  readonly uploads: number;
  readonly profiles: readonly Buffer[];
  readonly startedMs: number;
}

async function run(node: string, how: string, names: readonly string[]): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'hotspan-globals-'));
  const server = new RecordingServer();
  await server.listen();
  let uploadsMeanwhile = 0;
  const uploaded = join(directory, 'uploaded');
  server.behaviour = () => (writeFileSync(uploaded, ''), 202);
  try {
    const startedMs = Date.now();
    const result = await runProgram({
      node,
      args: ['--import', register, hostile, how, ...names],
      env: {
        HOSTILE_UNTIL: uploaded,
        HOTSPAN_EXPORT: `file:${directory},otlp:${server.url}`,
        HOTSPAN_PERIOD: '0.5',
        HOTSPAN_TRACES: 'off',
        HOTSPAN_SPOOL: join(directory, 'spool'),
      },
      timeoutMs: 60_000,
      onStdout: () => (uploadsMeanwhile = server.requests.length),
    });
    const files = readdirSync(directory).filter((name) => name.endsWith('.pb.gz'));
    const profiles = files.map((name) => readFileSync(join(directory, name)));
    return { ...result, uploadsMeanwhile, uploads: server.accepted.length, profiles, startedMs };
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function assertRight({ code, signal, stdout, stderr, profiles, uploads, uploadsMeanwhile, startedMs, wallMs }: Outcome): void {
  assert.deepEqual({ code, signal, stderr }, { code: 7, signal: null, stderr: '' });
  const right = JSON.parse(stdout) as { burntMs: number; wallMs: number };
  assert.ok(profiles.length >= 2, `${profiles.length} files of profiles`);
  assert.ok(uploads >= 2, `${uploads} uploads`);
  assert.ok(uploadsMeanwhile >= 1, 'nothing was uploaded while the program worked');
  let lastedMs = 0;
  for (const bytes of profiles) {
    const { timeNanos, durationNanos } = Profile.decode(gunzipSync(bytes));
    const [beganMs, ms] = [Number(timeNanos) / 1e6, Number(durationNanos) / 1e6];
    assert.ok(beganMs >= startedMs - 1 && beganMs <= startedMs + wallMs + 1, `begins at ${new Date(beganMs).toISOString()}`);
    assert.ok(ms > 0, `lasts ${ms} ms`);
    lastedMs += ms;
  }
  assert.ok(lastedMs >= right.wallMs - 1 && lastedMs <= wallMs, `${lastedMs} ms in all profiles, the program took ${right.wallMs} of ${wallMs} ms`);
  const samples = profiles.flatMap((bytes) => readPprof(bytes).samples);
  const burntMs = samples.filter((sample) => isInside(sample, 'burn')).reduce((sum, { cpuNs }) => sum + cpuNs, 0) / 1e6;
  // The program counts all threads of its process, hotspan's too.
  assert.ok(burntMs > 0.5 * right.burntMs && burntMs < 1.1 * right.burntMs, `${burntMs} ms in burn(), which took ${right.burntMs} ms`);
}

for (const node of nodesUnderTest()) {
  describe(`global names that the app takes away, on Node ${node.version}`, () => {
    const inPool = createPool(Math.max(2, cpus().length / 2));
    const rows = Object.entries(families).flatMap(([family, names]) =>
      (['deleted', 'wrong', 'throwing'] as const).map((how) => ({ title: `${how}: ${family}`, how, names })),
    );
    // As fake clocks do. Without it, or if it throws, Node's own streams fail.
    rows.push({ title: 'held up: process.nextTick', how: 'wrong', names: ['process.nextTick'] });
    const outcomes = new Map<string, Promise<Outcome>>();
    before(() => {
      for (const { title, how, names } of rows) outcomes.set(title, inPool(() => run(node.path, how, names)));
    });
    for (const { title } of rows) it(title, async () => assertRight(await outcomes.get(title)!)).timeout(120_000);
  });
}
