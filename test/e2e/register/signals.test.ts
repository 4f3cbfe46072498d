import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { bareName, readPprof } from '../../support/pprof-query.ts';
import { profileFileOf, profileFiles } from '../../support/profile-files.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const registerPath = fileURLToPath(new URL('../../../dist/register.cjs', import.meta.url));
const service = fileURLToPath(new URL('./programs/service.cjs', import.meta.url));

/** A process id namespace, in which the program is process 1, as in a container. */
const namespace = ['--pid', '--fork', '--mount-proc'];
const hasNamespaces = spawnSync('unshare', [...namespace, 'true']).status === 0;

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
    for (const mode of ['plain', 'busy', 'once', 'remove', 'later', 'two', 'gone']) {
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

    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`takes two ${signal} at nearly the same time for one`, async () => {
        const end = await endBy(node.path, 'plain', [signal, signal, signal]);
        assert.deepEqual([end.code, end.signal], [null, signal]);
        assert.ok(end.functions.has('burnService'), 'the profile lacks the function that burnt');
      });
    }

    (hasNamespaces ? it : it.skip)('writes the profile of a process 1 that the signal does not end, and goes on', async () => {
      const args = [...namespace, node.path, '--require', registerPath, service, 'self'];
      const child = spawn('unshare', args, {
        env: { ...process.env, NODE_OPTIONS: '', HOTSPAN_PERIOD: '0', HOTSPAN_EXPORT: `file:${directory}` },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      assert.deepEqual(await once(child, 'exit'), [5, null]);
      const functions = profileFiles(directory).map(({ path }) => {
        const names = readPprof(readFileSync(path)).samples.flatMap(({ frames }) => frames.map(({ name }) => bareName(name)));
        return ['burnService', 'burnAfterwards'].filter((name) => names.includes(name));
      });
      assert.deepEqual(functions.sort((a, b) => a.length - b.length), [['burnService'], ['burnService', 'burnAfterwards']]);
    });

    it('lets a second signal end the process', async () => {
      const end = await endBy(node.path, 'busy', ['SIGINT', 'SIGTERM']);
      assert.equal(end.code, null);
      assert.ok(end.signal === 'SIGINT' || end.signal === 'SIGTERM', `ended by ${end.signal}`);
    });
  });
}
