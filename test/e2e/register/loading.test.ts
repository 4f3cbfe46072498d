import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const programs = fileURLToPath(new URL('./programs/loading/', import.meta.url));
const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));
const url = (path: string): string => pathToFileURL(path).href;
const [required, imported, empty] = [join(dist, 'register.cjs'), url(join(dist, 'register.js')), url(join(programs, 'empty.mjs'))];

/** What stands before the entry on the command line, and what is in the environment. */
interface Start {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Way {
  readonly hotspan: Start;
  /** What the app must not differ from: without a preload, or with another one of a kind that itself changes something. */
  readonly without: Start;
  readonly byCommand?: boolean;
}

const ways: Readonly<Record<string, Way>> = {
  'hotspan run': { hotspan: {}, without: {}, byCommand: true },
  '--require': { hotspan: { flags: ['--require', required] }, without: {} },
  '--require in NODE_OPTIONS': { hotspan: { env: { NODE_OPTIONS: `--require ${required}` } }, without: {} },
  '--import': { hotspan: { flags: ['--import', imported] }, without: { flags: ['--import', empty] } },
  '--import in NODE_OPTIONS': { hotspan: { env: { NODE_OPTIONS: `--import ${imported}` } }, without: { env: { NODE_OPTIONS: `--import ${empty}` } } },
  'the first line of the app': { hotspan: { env: { LOAD_FIRST: required } }, without: {} },
};

/** What else loads the app, and the entries that it loads. */
const loaders: Readonly<Record<string, { readonly flags: readonly string[]; readonly entries: readonly string[] }>> = {
  'no loader': { flags: [], entries: ['main.cjs', 'main.mjs', 'missing.cjs'] },
  'a hook of require()': { flags: ['--require', './require-hook.cjs'], entries: ['main.ts', 'main.cjs', 'main.mjs'] },
  'module.register()': { flags: ['--no-warnings', '--import', './register-hooks.mjs'], entries: ['main.cjs', 'main.mjs'] },
  '--experimental-loader': { flags: ['--no-warnings', '--experimental-loader', './module-hooks.mjs'], entries: ['main.cjs', 'main.mjs'] },
  '--no-experimental-require-module': { flags: ['--no-experimental-require-module'], entries: ['main.cjs', 'main.mjs'] },
};

for (const node of nodesUnderTest()) {
  describe(`an app on Node ${node.version}`, function () {
    this.timeout(60_000);
    let directory: string;
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-loading-'))));
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    for (const [name, way] of Object.entries(ways)) {
      describe(`with hotspan by ${name}`, () => {
        for (const [loader, { flags, entries }] of Object.entries(loaders)) {
          for (const entry of entries) {
            // Node itself: by --import the entry is an ES module's, past the hooks of require().
            if (entry === 'main.ts' && name.startsWith('--import')) continue;
            if (entry === 'missing.cjs' && 'LOAD_FIRST' in (way.hotspan.env ?? {})) continue;
            it(`loads ${entry} with ${loader} as without`, async () => {
              const expected = await run(node, way.without, [...flags, entry]);
              const seen = await run(node, way.hotspan, [...flags, entry], directory, way.byCommand);
              assert.deepEqual([seen.code, seen.stdout], [expected.code, expected.stdout], seen.stderr);
              assert.equal(expected.code, entry === 'missing.cjs' ? 1 : 7, expected.stderr);
              if (way.byCommand === true) assert.ok(seen.stderr.startsWith(expected.stderr), seen.stderr);
              else assert.equal(seen.stderr, expected.stderr);
              const profiles = readdirSync(directory).filter((file) => /^cpu-\d+(-\d{8}T\d{6}-[0-9a-f]{8})?\.pb\.gz$/.test(file));
              assert.equal(profiles.length, 1);
              assertValidPprof(readFileSync(join(directory, profiles[0]!)));
            });
          }
        }
      });
    }
  });
}

function run(node: NodeBinary, start: Start, args: readonly string[], directory?: string, byCommand = false): Promise<RunResult> {
  const command = byCommand ? [join(dist, 'cli/main.js'), 'run', '--out', directory!, '--', node.path] : [];
  const env = directory === undefined ? {} : { HOTSPAN_EXPORT: `file:${directory}`, HOTSPAN_PERIOD: '0' };
  return runProgram({
    node: node.path, args: [...command, ...(start.flags ?? []), ...args, 'an argument'], env: { NO_COLOR: '1', ...env, ...start.env }, cwd: programs, timeoutMs: 30_000,
  });
}
