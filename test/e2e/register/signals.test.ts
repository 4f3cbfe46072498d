import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { bareName, readPprof } from '../../support/pprof-query.ts';
import { profileFileOf } from '../../support/profile-files.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const service = fileURLToPath(new URL('./programs/service.cjs', import.meta.url));

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly functions: ReadonlySet<string>;
}

let directory: string;
/** Of each test of a suite that calls this. */
function useFreshDirectory(): void {
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-signals-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
}

/** Runs the service with hotspan/register, sends the signals in turn, and reads the profile it leaves. */
async function endBy(node: string, mode: string, signals: readonly NodeJS.Signals[]): Promise<End> {
  const child = spawn(node, ['--import', register, service, mode], {
    env: { ...process.env, NODE_OPTIONS: '', HOTSPAN_PERIOD: '0', HOTSPAN_EXPORT: `file:${directory}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await once(child.stdout, 'data');
  await delay(400);
  for (const signal of signals) child.kill(signal);
  const [code, signal] = await exited;
  const path = profileFileOf(directory, 'cpu', child.pid);
  if (path === undefined) return { code, signal, functions: new Set() };
  const bytes = readFileSync(path);
  assertValidPprof(bytes);
  const frames = readPprof(bytes).samples.flatMap((sample) => sample.frames);
  return { code, signal, functions: new Set(frames.map((frame) => bareName(frame.name))) };
}

for (const node of nodesUnderTest()) {
  describeNeeding(['signals'], `signals that end a process, on Node ${node.version}`, () => {
    useFreshDirectory();
    for (const mode of ['plain', 'busy']) {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
        it(`writes the profile and dies of ${signal} (${mode})`, async () => {
          const end = await endBy(node.path, mode, [signal]);
          assert.deepEqual([end.code, end.signal], [null, signal]);
          assert.ok(end.functions.has('burnService'), 'the profile lacks the function that burnt');
        });
      }
    }

    it('leaves a signal that the app handles to the app', async () => {
      const end = await endBy(node.path, 'handler', ['SIGTERM']);
      assert.deepEqual([end.code, end.signal], [7, null]);
      assert.ok(end.functions.has('burnService'), 'the profile lacks the function that burnt');
    });

    it('lets a second signal end the process', async () => {
      const end = await endBy(node.path, 'busy', ['SIGINT', 'SIGTERM']);
      assert.equal(end.code, null);
      assert.ok(end.signal === 'SIGINT' || end.signal === 'SIGTERM', `ended by ${end.signal}`);
    });
  });
}
