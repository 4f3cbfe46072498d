import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTestAddon } from '../../support/build-addon.ts';
import { itNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { isInside, readPprof, type ProfileView } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';

const program = fileURLToPath(new URL('./programs/exec.cjs', import.meta.url));
const takeUrgent = fileURLToPath(new URL('./programs/take-urgent.cjs', import.meta.url));
const register = new URL('../../../dist/register.js', import.meta.url).href;
const times = 25;

for (const node of nodesUnderTest()) {
  describe(`a process that runs another program in its place on Node ${node.version}`, function () {
    this.timeout(120_000);
    describeExec(node);
  });
}

function describeExec(node: NodeBinary): void {
  const hasExecve = execFileSync(node.path, ['-p', 'typeof process.execve'], { encoding: 'utf8' }).trim() === 'function';
  let dir: string;
  let addon: string;
  before(function () {
    dir = mkdtempSync(join(tmpdir(), 'hotspan-exec-'));
    const built = buildTestAddon('signals', dir);
    if ('missing' in built) return this.skip();
    addon = built.path;
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  // At this rate a signal is under way in many of the calls.
  const run = (how: string, { rate = 9999, preload = [] as readonly string[] } = {}): Promise<RunResult> =>
    runProgram({
      node: node.path,
      args: [...preload, '--no-warnings', '--import', register, program, String(times), how, join(dir, how), addon],
      env: { HOTSPAN_RATE: String(rate), HOTSPAN_PERIOD: '0', HOTSPAN_EXPORT: `file:${join(dir, how)}/${times}`, HOTSPAN_TEST_ADDON: addon },
      timeoutMs: 100_000,
    });
  const profilesIn = (directory: string): ProfileView[] =>
    (existsSync(directory) ? readdirSync(directory) : []).map((file) => readPprof(readFileSync(join(directory, file))));

  for (const [what, preload] of [['SIGURG', []], ['a real-time signal', ['--require', takeUrgent]]] as const) {
    it(`by process.execve() lives, and leaves each program's profile, with ${what}`, async function () {
      if (!hasExecve) return this.skip();
      const { code, signal, stdout, stderr } = await run('node', { preload });
      assert.deepEqual({ code, signal, stdout, stderr }, { code: 0, signal: null, stdout: 'reached the end\n', stderr: '' });
      let withFunction = 0;
      for (let left = times; left >= 0; left--) {
        const found = profilesIn(join(dir, 'node', String(left)));
        assert.ok(found.length > 0, `the program with ${left} to come left no profile`);
        withFunction += Number(found.some(({ samples }) => samples.some((sample) => isInside(sample, 'burnBeforeExec'))));
      }
      // A busy machine may leave one of them no time but for its start.
      assert.ok(withFunction > times / 2, `${withFunction} profiles have the function that the program ran`);
      rmSync(join(dir, 'node'), { recursive: true });
    });
  }

  // V8's own profiler, the other engine, has a signal of its own under way: SIGPROF, which ends a program that does not expect it.
  itNeeding(['native'], 'from native code lives', async () => {
    const { code, signal, stdout } = await run('native');
    assert.deepEqual({ code, signal, stdout }, { code: 0, signal: null, stdout: 'reached the end\n' });
  });

  it('is profiled on when process.execve() throws', async function () {
    if (!hasExecve) return this.skip();
    const { code, stdout, stderr } = await run('refused', { rate: 999 });
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'ERR_INVALID_ARG_TYPE execve 1\n', stderr: '' });
    const found = profilesIn(join(dir, 'refused', String(times)));
    assert.ok(found.some(({ samples }) => samples.some((sample) => isInside(sample, 'burnAfterRefusal'))), `${found.length} profiles`);
  });
}
