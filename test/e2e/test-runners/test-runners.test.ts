import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { cpuOf, readPprof, sumBy, type ProfileView } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const programs = fileURLToPath(new URL('./programs/', import.meta.url));
/** Vitest 4 asks for it. */
const leastForVitest = [20, 19] as const;

for (const node of nodesUnderTest()) {
  describeNeeding(['labels'], `test runners on Node ${node.version}`, () => {
    let directory: string;
    beforeEach(() => {
      directory = realpathSync(mkdtempSync(join(tmpdir(), 'hotspan-runners-')));
      cpSync(programs, directory, { recursive: true });
      mkdirSync(join(directory, 'node_modules'));
      symlinkSync(root, join(directory, 'node_modules', 'hotspan'), 'dir');
      // Mocha's link leads out of here, and with it the search for packages.
      writeFileSync(join(directory, 'setup.mjs'), "export * from 'hotspan/mocha';");
      for (const name of ['mocha', 'vitest']) symlinkSync(join(root, 'node_modules', name), join(directory, 'node_modules', name), 'dir');
    });
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    const run = (args: readonly string[]): Promise<RunResult> => runProgram({
      node: node.path, args, cwd: directory, timeoutMs: 60_000, env: { NO_COLOR: '1', HOTSPAN_RATE: '999', HOTSPAN_LOG: 'error' },
    });
    const profile = (): ProfileView => readPprof(readFileSync(join(directory, 'profiles', 'cpu.pb.gz')));

    /** Every sample of a function that runs in one test only carries that test. */
    function assertLabelled(expected: Readonly<Record<string, string>>): void {
      const { samples } = profile();
      for (const [name, title] of Object.entries(expected)) {
        const inside = samples.filter(({ frames }) => frames.some((frame) => frame.name === name));
        assert.ok(sumBy(inside, cpuOf) > 50e6, `${name} is in the profile`);
        assert.deepEqual([...new Set(inside.map(({ labels }) => labels['test']))], [title], name);
      }
    }

    /** What a run without hotspan said, but for times. */
    const spoken = (text: string): string => text.replaceAll(/\(?\d+(\.\d+)?\s?m?s\)?|^\s+at .*$/gm, '').replaceAll(/\n+/g, '\n');

    describe('mocha', () => {
      const bin = (): string => join(directory, 'node_modules', 'mocha', 'bin', 'mocha.js');
      const titles = { burnInSync: 'shop cart adds', burnAfterAwait: 'shop cart waits', burnInCallback: 'shop calls back' };

      it('keeps exit code, reporter and timeouts, and labels every sample inside a test', async () => {
        const plain = await run([bin(), 'suite.mocha.mjs']);
        const profiled = await run([bin(), '--require', './setup.mjs', 'suite.mocha.mjs']);
        assert.deepEqual([profiled.code, plain.code], [2, 2], profiled.stderr);
        assert.equal(spoken(profiled.stdout), spoken(plain.stdout));
        assert.match(profiled.stderr, /shop cart adds\n[^]*profile: profiles\/cpu\.pb\.gz\n$/);
        assertLabelled(titles);
        assert.deepEqual(readdirSync(join(directory, 'profiles')).filter((name) => name.startsWith('.')), []);
      });

      it('profiles the workers of --parallel', async () => {
        const { code, stderr } = await run([bin(), '--parallel', '--jobs', '2', '--require', './setup.mjs', 'suite.mocha.mjs', 'other.mocha.mjs']);
        assert.equal(code, 2, stderr);
        assertLabelled(titles);
      });

      it('leaves the profile to hotspan run where there is one', async () => {
        const { code, stderr } = await run([join(root, 'dist', 'cli', 'main.js'), 'run', '--', node.path, bin(), '--require', './setup.mjs', 'suite.mocha.mjs']);
        assert.equal(code, 2);
        assert.equal(stderr.match(/cpu\.pb\.gz$/gm)?.length, 2, stderr);
        assertLabelled(titles);
      });
    });

    describe('node:test', () => {
      const titles = { burnInSync: 'shop > adds', burnAfterAwait: 'shop > waits', burnInCallback: 'shop > calls back' };

      const reporter = '--test-reporter=tap';
      const results = (text: string): string[] => text.match(/^\s*(not )?ok \d+ - .*$/gm) ?? [];

      it('keeps exit code and reporter, and labels every sample inside a test', async () => {
        const plain = await run([reporter, 'suite.node-test.mjs']);
        const profiled = await run(['--import', 'hotspan/node-test', reporter, 'suite.node-test.mjs']);
        assert.deepEqual([profiled.code, plain.code], [1, 1], profiled.stderr);
        assert.ok(results(plain.stdout).length >= 6);
        assert.deepEqual(results(profiled.stdout), results(plain.stdout));
        assert.match(profiled.stderr, /profile: profiles\/cpu\.pb\.gz\n$/);
        assertLabelled(titles);
      });

      it('does so in the processes of --test, whose profiles hotspan run joins', async () => {
        const flags = [reporter, '--test', 'suite.node-test.mjs'];
        const plain = await run(flags);
        const profiled = await run([join(root, 'dist', 'cli', 'main.js'), 'run', '--', node.path, '--import', 'hotspan/node-test', ...flags]);
        assert.deepEqual([profiled.code, plain.code], [1, 1], profiled.stderr);
        assert.deepEqual(results(profiled.stdout), results(plain.stdout));
        assertLabelled(titles);
        const alone = await run(['--import', 'hotspan/node-test', ...flags]);
        assert.deepEqual([alone.code, results(alone.stdout)], [1, results(plain.stdout)]);
      });
    });

    describe('Vitest', () => {
      const bin = (): string => join(directory, 'node_modules', 'vitest', 'vitest.mjs');
      const config = (plugins: string, setupFiles = ''): void => writeFileSync(join(directory, 'vitest.config.mjs'), `import hotspan from 'hotspan/vitest';
        export default { plugins: [${plugins}], test: { include: ['suite.vitest.mjs'], setupFiles: [${setupFiles}] } };`);
      const titles = { burnInSync: 'shop cart adds', burnAfterAwait: 'shop cart waits' };

      it('keeps exit code and timeouts, and labels every sample inside a test', async function () {
        if (!isAtLeast(node, leastForVitest)) return this.skip();
        config('');
        const plain = await run([bin(), 'run', '--reporter=tap']);
        config('hotspan()');
        const profiled = await run([bin(), 'run', '--reporter=tap']);
        assert.deepEqual([profiled.code, plain.code], [1, 1], profiled.stderr);
        const results = (text: string): string[] => (text.match(/^\s*(not )?ok \d+ - .*$/gm) ?? []).map((line) => line.replace(/ # .*/, ''));
        assert.ok(results(plain.stdout).length >= 4, plain.stdout);
        assert.deepEqual(results(profiled.stdout), results(plain.stdout));
        assert.match(profiled.stderr, /profile: profiles\/cpu\.pb\.gz\n$/);
        assertLabelled(titles);
      });

      it('has the profile of a process that Vitest had to kill', async function () {
        if (!isAtLeast(node, leastForVitest)) return this.skip();
        config('hotspan()', "'./deaf.mjs'");
        const { code, stderr } = await run([bin(), 'run', '--reporter=tap']);
        assert.equal(code, 1, stderr);
        assertLabelled(titles);
      });
    });
  });
}

function isAtLeast({ version }: NodeBinary, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
