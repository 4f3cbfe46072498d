import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { runProgram, type RunOptions } from '../../support/run-program.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const programs = fileURLToPath(new URL('./programs/start-fails/', import.meta.url));
const empty = join(programs, 'empty.cjs');
const breaker = join(programs, 'break.cjs');
const breaks = createRequire(import.meta.url)(breaker) as readonly string[];

const preloads = (dist: string): Readonly<Record<string, readonly string[]>> => ({
  '--require': ['--require', join(dist, 'register.cjs')],
  '--import': ['--import', pathToFileURL(join(dist, 'register.js')).href],
});

/** For a shell: makes the directory `$0`, removes it, and runs the command in it. */
const goInto = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"';

/** In each the app runs as without hotspan, whatever becomes of the profile. */
const environments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'an address of traces without a scheme': { HOTSPAN_EXPORT: 'otlp:http://127.0.0.1:9', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '10.0.0.1:4318' },
  'an address of traces that is a path': { HOTSPAN_EXPORT: 'otlp:http://127.0.0.1:9', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '//collector:4318/v1/traces' },
  'an address of profiles that is no URL': { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://[' },
  'a Datadog agent that is no URL': { DD_TRACE_AGENT_URL: 'http://:x' },
  'a Pyroscope server that is no URL': { PYROSCOPE_SERVER_ADDRESS: '::' },
  'an export directory that cannot be': { HOTSPAN_EXPORT: 'file:/proc/self/nothing\u0001/x' },
  'values of nonsense': { HOTSPAN_RATE: 'NaN', HOTSPAN_PERIOD: '-1', HOTSPAN_PROFILES: 'x', HOTSPAN_EXPORT: 'nowhere:', HOTSPAN_HTTP: 'x:y:z', HOTSPAN_SPOOL: '\n', HOTSPAN_ENGINE: '?' },
  'a port that is taken for ever': { HOTSPAN_HTTP: '127.0.0.1:1', HOTSPAN_EXPORT: 'file:/dev/null' },
  'attributes that are not': { OTEL_RESOURCE_ATTRIBUTES: '%%%=%E0%A4%A,=,', OTEL_EXPORTER_OTLP_HEADERS: '%E0%A4%A=%', HOTSPAN_EXPORT: 'otlp:http://127.0.0.1:9' },
};

for (const node of nodesUnderTest()) {
  describe(`an app on Node ${node.version} that hotspan cannot profile`, function () {
    this.timeout(60_000);
    let directory: string;
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-start-fails-'))));
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    for (const [way, flags] of Object.entries(preloads(join(root, 'dist')))) {
      for (const entry of ['app.cjs', 'app.mjs']) {
        describe(`by ${way}, ${entry}`, () => {
          for (const what of breaks) {
            it(`runs as without, with ${what} broken`, () => assertHarmless(node, { flags, entry, directory, before: ['--require', breaker], env: { BREAK: what } }));
          }
          for (const [what, env] of Object.entries(environments)) {
            it(`runs as without, with ${what}`, () => assertHarmless(node, { flags, entry, directory, env: { HOTSPAN_SPOOL: join(directory, 'spool'), HOTSPAN_EXIT_GRACE: '0.2', ...env } }));
          }
          it('runs as without, and is profiled, in a directory that is gone', async () => {
            const gone = join(directory, 'gone');
            const out = join(directory, 'out');
            mkdirSync(out);
            const result = await runProgram({
              node: '/bin/sh', args: ['-c', goInto, gone, node.path, ...flags, join(programs, entry)], env: { HOTSPAN_EXPORT: `file:${out}` }, timeoutMs: 30_000,
            });
            assert.deepEqual([result.code, result.stdout, result.stderr], [7, 'the app runs\n', '']);
            assert.equal(readdirSync(out).length, 1);
          });
        });
      }
    }

    it('runs its tests without a profile, and says so in one line, in a directory that is gone', async () => {
      const gone = join(directory, 'gone');
      for (const inTest of [{}, { NODE_TEST_CONTEXT: 'child' }]) {
        const result = await runProgram({
          node: '/bin/sh', args: ['-c', goInto, gone, node.path, '--require', join(root, 'dist/node-test.cjs'), join(programs, 'app.cjs')], env: inTest, timeoutMs: 30_000,
        });
        assert.deepEqual([result.code, result.stdout], [7, 'the app runs\n'], result.stderr);
        assert.match(result.stderr, /^hotspan: the tests run without a profile: [^\n]*\n$/);
      }
    });

    describe('for a file of its own that cannot be loaded', () => {
      const damages: Readonly<Record<string, (file: string) => void>> = {
        'throws': (file) => writeFileSync(file, "throw new Error('damaged');\n"),
        'is no JavaScript': (file) => writeFileSync(file, '\u0000(('),
        'is empty': (file) => writeFileSync(file, ''),
        'is missing': (file) => rmSync(file),
      };
      for (const file of ['profiler/register-main.cjs', ...readdirSync(join(root, 'dist/chunks')).map((name) => `chunks/${name}`)]) {
        for (const [damage, apply] of Object.entries(damages)) {
          it(`runs as without, and says one line at most, when ${file} ${damage}`, async () => {
            const dist = join(directory, 'dist');
            cpSync(join(root, 'dist'), dist, { recursive: true, filter: (path) => !/\/dist\/(types|cli|bench|flame)$/.test(path) });
            for (const beside of ['prebuilds', 'node_modules', 'package.json']) symlinkSync(join(root, beside), join(directory, beside));
            apply(join(dist, file));
            for (const flags of Object.values(preloads(dist))) await assertHarmless(node, { flags, entry: 'app.cjs', directory });
          });
        }
      }
    });
  });
}

interface Case {
  readonly flags: readonly string[];
  readonly entry: string;
  readonly directory: string;
  readonly before?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** As the same with an empty preload, but for lines on stderr that are hotspan's own. */
async function assertHarmless(node: NodeBinary, { flags, entry, directory, before = [], env = {} }: Case): Promise<void> {
  const options = (loaded: readonly string[]): RunOptions => ({
    node: node.path, args: [...before, ...loaded, join(programs, entry)], env: { HOTSPAN_EXPORT: `file:${join(directory, 'out')}`, ...env }, timeoutMs: 30_000,
  });
  const [expected, seen] = [await runProgram(options([flags[0]!, empty])), await runProgram(options(flags))];
  assert.deepEqual([seen.code, seen.signal, seen.stdout], [expected.code, expected.signal, expected.stdout], seen.stderr);
  const others = (stderr: string): string => stderr.replaceAll(/^hotspan: .*\n/gm, '');
  assert.equal(others(seen.stderr), expected.stderr);
}
