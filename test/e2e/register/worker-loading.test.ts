import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { isInside, readPprof } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';

const programs = fileURLToPath(new URL('./programs/loading/', import.meta.url));
const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));
const required = join(dist, 'register.cjs');
const imported = pathToFileURL(join(dist, 'register.js')).href;

const ways: Readonly<Record<string, { readonly flags?: readonly string[]; readonly env?: Readonly<Record<string, string>> }>> = {
  '--require': { flags: ['--require', required] },
  '--require in NODE_OPTIONS': { env: { NODE_OPTIONS: `--require=${required}` } },
  '--import': { flags: ['--import', imported] },
  '--import in NODE_OPTIONS': { env: { NODE_OPTIONS: `--import=${imported}` } },
};

const loaders: Readonly<Record<string, readonly string[]>> = {
  'no loader': [],
  '--experimental-loader': ['--no-warnings', '--experimental-loader', './module-hooks.mjs'],
  'module.register()': ['--no-warnings', '--import', './register-hooks.mjs'],
  '--no-experimental-require-module': ['--no-experimental-require-module'],
};

for (const node of nodesUnderTest()) {
  describeNeeding(['threads'], `workers on Node ${node.version}`, function () {
    this.timeout(120_000);
    let directory: string;
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-workers-'))));
    afterEach(() => rmSync(directory, { recursive: true, force: true }));
    const run = (flags: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> =>
      runProgram({ node: node.path, args: [...flags, 'workers.cjs'], env, cwd: programs, timeoutMs: 60_000 });

    for (const [loader, flags] of Object.entries(loaders)) {
      let expected: RunResult;
      before(async () => {
        expected = await run(flags);
        assert.equal(expected.stdout.match(/ worked /gm)?.length, 15, expected.stdout);
      });
      for (const [name, way] of Object.entries(ways)) {
        it(`run as without, and are sampled, with ${loader} and ${name}`, async () => {
          const env = { HOTSPAN_EXPORT: `file:${directory}`, HOTSPAN_PERIOD: '0', HOTSPAN_RATE: '1000', ...way.env };
          const seen = await run([...(way.flags ?? []), ...flags], env);
          assert.deepEqual([seen.code, seen.stdout, seen.stderr], [expected.code, expected.stdout, expected.stderr]);
          const [file = ''] = readdirSync(directory);
          const { samples } = readPprof(readFileSync(join(directory, file)));
          const missing = [...seen.stdout.matchAll(/^(\w+) worked /gm)].map(([, kind]) => `in${kind}`).filter((work) => !samples.some((sample) => isInside(sample, work)));
          assert.deepEqual(missing, []);
        });
      }
    }
  });
}
