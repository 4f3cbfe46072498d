import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { runProgram } from '../../support/run-program.ts';

const program = (name: string): string => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const dist = new URL('../../../dist/', import.meta.url);

/** How a program gets hotspan, and the same with a module that does nothing. */
const preloads = {
  require: { hotspan: ['--require', fileURLToPath(new URL('register.cjs', dist))], nothing: (file: string) => ['--require', file] },
  import: { hotspan: ['--import', new URL('register.js', dist).href], nothing: (file: string) => ['--import', pathToFileURL(file).href] },
} as const;

for (const node of nodesUnderTest()) {
  describeNeeding(['native'], `what the app sees of hotspan, on Node ${node.version}`, function () {
    this.timeout(60_000);
    let directory: string;
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-visible-'))));
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    async function outputOf(flags: readonly string[], name: string): Promise<unknown> {
      const env = { HOTSPAN_EXPORT: `file:${join(directory, 'profiles')}`, HOTSPAN_RATE: '999' };
      const { code, stderr, stdout } = await runProgram({ node: node.path, args: [...flags, program(name)], env, timeoutMs: 60_000 });
      assert.deepEqual([code, stderr], [0, '']);
      return JSON.parse(stdout);
    }

    async function bothWays(how: keyof typeof preloads, name: string): Promise<[plain: unknown, profiled: unknown]> {
      const empty = join(directory, how === 'require' ? 'empty.cjs' : 'empty.mjs');
      writeFileSync(empty, '');
      const plain = await outputOf(preloads[how].nothing(empty), name);
      const profiled = await outputOf(preloads[how].hotspan, name);
      assert.equal(readdirSync(join(directory, 'profiles')).length, 1, 'it was not profiled');
      return [plain, profiled];
    }

    it('shows hooks of async resources and promises nothing, not even a number that is taken', async () => {
      const [plain, profiled] = await bothWays('require', 'hooks.cjs');
      assert.deepEqual(profiled, plain);
    });

    it('shows them no more than any module does when it is imported', async () => {
      const kinds = (events: unknown): string[] => (events as [string, number, string][]).map(([kind, , type]) => `${kind} ${type}`);
      const inits = (events: unknown): string[] => kinds(events).filter((kind) => /^(init|promise)/.test(kind)).sort();
      const [plain, profiled] = await bothWays('import', 'hooks.cjs');
      assert.deepEqual(inits(profiled), inits(plain));
    });

    it('leaves all else as it was, but for a listener for the end and one for signals that the app handles no more', async () => {
      const [plain, profiled] = (await bothWays('require', 'visible.cjs')) as [Record<string, unknown>, Record<string, unknown>];
      const listeners = profiled['listeners'] as string[];
      const oneMore = (line: string): string => line.replace(/^(removeListener) (\d+)$/, (_, event: string, count: string) => `${event} ${Number(count) + 1}`);
      assert.deepEqual(listeners.filter((line) => line !== 'exit 1'), (plain['listeners'] as string[]).map(oneMore));
      // Node without AsyncContextFrame: how the end of run() is seen.
      const storage = (profiled['storage'] as string[]).filter((line) => !line.startsWith('AsyncLocalStorage.kResourceStore'));
      const withoutFiles = (cache: unknown): string[] => (cache as string[]).filter((file) => !file.startsWith(directory));
      assert.deepEqual(
        { ...profiled, listeners: plain['listeners'], storage, requireCache: withoutFiles(profiled['requireCache']) },
        { ...plain, requireCache: withoutFiles(plain['requireCache']) },
      );
    });
  });
}
