import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Format } from 'esbuild';
import { readPprof } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';
import { copyOfProject } from './installed-package.ts';

const programs = fileURLToPath(new URL('./programs/', import.meta.url));
const require = createRequire(import.meta.url);

interface Webpack {
  (config: object, done: (error: Error | null, stats?: { toString(): string; hasErrors(): boolean }) => void): void;
}

/** Each makes `out/app.<ending>` of `api-bundled.mjs`, with hotspan inside or external. */
const bundlers: Readonly<Record<string, (project: string, external: boolean) => Promise<string>>> = {
  'esbuild to an ES module': (project, external) => runEsbuild(project, external, 'esm', 'mjs'),
  'esbuild to CommonJS': (project, external) => runEsbuild(project, external, 'cjs', 'cjs'),
  'webpack': runWebpack,
};

describe('app bundled with its dependencies', function () {
  this.timeout(300_000);
  for (const [name, bundle] of Object.entries(bundlers)) {
    describe(`by ${name}`, () => {
      let project: string;
      beforeEach(() => {
        project = copyOfProject(`bundled-${name.replaceAll(' ', '-')}`);
        cpSync(programs, project, { recursive: true });
      });
      afterEach(() => rmSync(project, { recursive: true, force: true }));

      it('is profiled with hotspan external', async () => {
        const result = await run(project, await bundle(project, true));
        assert.deepEqual([result.code, result.stdout, result.stderr], [0, 'running\nwrong: none\n', '']);
        assertOriginalFiles(project);
      });

      it('has its files also by a large source map', async () => {
        // The map holds the sources; one of this size is read in a worker thread.
        appendFileSync(join(project, 'burn.cjs'), `// ${'x'.repeat(100_000)}`);
        const result = await run(project, await bundle(project, true));
        assert.equal(result.code, 0, result.stderr);
        assertOriginalFiles(project);
      });

      it('runs without, and says what to do in one line, with hotspan inside', async () => {
        const app = await bundle(project, false);
        // As on the machine that it is deployed to.
        rmSync(join(project, 'node_modules'), { recursive: true });
        const result = await run(project, app);
        assert.equal(result.code, 0, result.stderr);
        assert.match(result.stdout, /^not running\nwrong: .*mark it external/);
        assert.match(result.stderr, /^hotspan: [^\n]*mark it external[^\n]*\n$/);
      });
    });
  }
});

describe('app bundled with hotspan/register', function () {
  this.timeout(300_000);
  for (const [format, ending] of [['esm', 'mjs'], ['cjs', 'cjs']] as const) {
    it(`runs without, and says what to do in one line, as ${format}`, async () => {
      const project = copyOfProject(`bundled-register-${format}`);
      try {
        writeFileSync(join(project, 'with-register.mjs'), "import 'hotspan/register';\nconsole.log('the app runs');\n");
        const app = await runEsbuild(project, false, format, ending, 'with-register.mjs');
        rmSync(join(project, 'node_modules'), { recursive: true });
        const result = await run(project, app);
        assert.deepEqual([result.code, result.stdout], [0, 'the app runs\n'], result.stderr);
        assert.match(result.stderr, /^hotspan: [^\n]*mark it external[^\n]*\n$/);
      } finally {
        rmSync(project, { recursive: true, force: true });
      }
    });
  }
});

function assertOriginalFiles(project: string): void {
  const [file = ''] = readdirSync(join(project, 'out-profiles')).filter((name) => /^cpu-.*\.pb\.gz$/.test(name));
  const { samples } = readPprof(readFileSync(join(project, 'out-profiles', file)));
  const files = new Set(samples.flatMap(({ frames }) => frames.map((frame) => basename(frame.file))));
  assert.ok(files.has('burn.cjs'), `burn.cjs is not among ${[...files].join(', ')}`);
}

function run(project: string, app: string): Promise<RunResult> {
  return runProgram({ node: process.execPath, args: [app], cwd: project, timeoutMs: 60_000, env: { HOTSPAN_EXPORT: 'file:out-profiles', HOTSPAN_RATE: '500' } });
}

async function runEsbuild(project: string, external: boolean, format: Format, ending: string, entry = 'api-bundled.mjs'): Promise<string> {
  const outfile = join(project, `out/app.${ending}`);
  await build({
    entryPoints: [join(project, entry)], absWorkingDir: project, outfile, bundle: true, platform: 'node', format, minify: true, sourcemap: true,
    external: external ? ['hotspan'] : [], logLevel: 'silent',
  });
  return outfile;
}

async function runWebpack(project: string, external: boolean): Promise<string> {
  const webpack = require('webpack') as Webpack;
  await new Promise<void>((resolve, reject) => {
    webpack(
      {
        mode: 'production', devtool: 'source-map', target: 'node', context: project, entry: './api-bundled.mjs', output: { path: join(project, 'out'), filename: 'app.cjs' },
        ...(external && { externals: { hotspan: 'commonjs hotspan' } }),
      },
      (error, stats) => {
        if (error) reject(error);
        else if (stats?.hasErrors()) reject(new Error(stats.toString()));
        else resolve();
      },
    );
  });
  return join(project, 'out/app.cjs');
}
