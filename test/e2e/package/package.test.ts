import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { cpuOf, isInside, readPprof, sumBy } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';
import { copyOfProject, hasPrebuild, installedPackage, publishedManifest } from './installed-package.ts';

const programs = fileURLToPath(new URL('./programs/', import.meta.url));
const require = createRequire(import.meta.url);

describe('published package', function () {
  this.timeout(300_000);
  before(() => void installedPackage());

  it('holds what production needs, and nothing else', () => {
    const { files } = installedPackage();
    const strangers = files.filter(({ path }) => !/^(dist|prebuilds|docs)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(path));
    assert.deepEqual(strangers.map(({ path }) => path), []);
    const internal = files.filter(({ path }) => /^dist\/bench\/|\.map$|\.test\./.test(path));
    assert.deepEqual(internal.map(({ path }) => path), []);
  });

  it('has no script that runs at install, nor what makes npm add one', () => {
    const { scripts = {} } = publishedManifest() as { scripts?: Record<string, string> };
    for (const name of ['preinstall', 'install', 'postinstall']) assert.equal(scripts[name], undefined, name);
    assert.ok(!existsSync(join(installedPackage().project, 'node_modules/hotspan/binding.gyp')), 'npm would run node-gyp for it');
  });

  it('was installed where nothing can compile', () => {
    const { path } = installedPackage();
    for (const tool of ['cc', 'gcc', 'g++', 'c++', 'clang', 'make', 'python3']) {
      assert.equal((spawnSync(tool, ['--version'], { env: { PATH: path } }).error as NodeJS.ErrnoException | undefined)?.code, 'ENOENT', tool);
    }
  });

  it('exports only files that are there', () => {
    const { exports } = publishedManifest() as { exports: Record<string, unknown> };
    const targets = [...JSON.stringify(exports).matchAll(/"(\.\/[^"]+\.\w+)"/g)].map(([, target = '']) => target).filter((target) => target !== './package.json');
    assert.equal(targets.length, 20);
    for (const target of targets) assert.ok(existsSync(join(installedPackage().project, 'node_modules/hotspan', target)), target);
  });

  it('reads few files to profile an app from its start', () => {
    const dist = join(installedPackage().project, 'node_modules/hotspan/dist');
    const read = new Set(['register.cjs', 'profiler/register-main.cjs'].flatMap((entry) => [...importedFrom(join(dist, entry))]));
    assert.ok(read.size >= 3 && read.size <= 8, [...read].join('\n'));
  });

  describe('types', () => {
    for (const module of ['nodenext', 'node16']) {
      it(`compile in an ES module and in CommonJS with module ${module}`, () => compileConsumers(module));
    }
  });

  for (const node of nodesUnderTest()) describe(`on Node ${node.version}`, () => describeNode(node));
});

/** A file and what it requires of hotspan's own, in turn. */
function importedFrom(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/^(?:const \{[^}]*\} = )?require\("(\.[^"]+)"\);$/gm)) importedFrom(join(dirname(file), target), seen);
  return seen;
}

/** With the declarations checked themselves, as a project does that does not skip that. */
function compileConsumers(module: string): void {
  const { project } = installedPackage();
  const files = ['consumer.mts', 'consumer.cts'];
  for (const file of files) cpSync(join(programs, 'consumer.ts'), join(project, file));
  const options = {
    module, target: 'es2023', lib: ['es2023'], strict: true, noEmit: true, skipLibCheck: false, esModuleInterop: true,
    typeRoots: [join(dirname(require.resolve('@types/node/package.json')), '..')], types: ['node'],
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  const { status, stdout } = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', project], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
}

function describeNode(node: NodeBinary): void {
  const abi = execFileSync(node.path, ['-p', 'process.versions.modules'], { encoding: 'utf8', env: {} }).trim();
  let project: string;
  before(function () {
    if (!hasPrebuild(abi)) this.skip(); // a developer builds for the Node at hand; CI for all
    project = copyOfProject(`on-${node.major}`);
    cpSync(programs, project, { recursive: true });
  });

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> =>
    runProgram({ node: node.path, args, cwd: project, timeoutMs: 60_000, env: { PATH: installedPackage().path, NO_COLOR: '1', HOTSPAN_RATE: '500', ...env } });

  /** The app is as it would be without, and its profile says what it did. */
  function assertProfiled(result: RunResult, folder: string): void {
    assert.deepEqual([result.code, result.signal, result.stdout], [0, null, 'done\n'], result.stderr);
    const [file = ''] = readdirSync(join(project, folder)).filter((name) => /^cpu-.*\.pb\.gz$/.test(name));
    const { samples } = readPprof(readFileSync(join(project, folder, file)));
    const burnt = sumBy(samples.filter((sample) => isInside(sample, 'burnHere')), cpuOf);
    assert.ok(burnt > 100e6, `${burnt / 1e6} ms in burnHere`);
  }

  it('profiles an app by its environment', async () => {
    assertProfiled(await run(['app.mjs'], { NODE_OPTIONS: '--import hotspan/register', HOTSPAN_EXPORT: 'file:by-environment' }), 'by-environment');
  });
  it('profiles an app by --require', async () => {
    assertProfiled(await run(['--require', 'hotspan/register', 'app.mjs'], { HOTSPAN_EXPORT: 'file:by-require' }), 'by-require');
  });
  it('profiles an app by its command', async () => {
    const result = await run(['node_modules/.bin/hotspan', 'run', '--out', 'by-command', '--', node.path, 'app.mjs']);
    assertProfiled(result, 'by-command');
    assert.match(result.stderr, /burnHere/);
  });
  it('profiles an app that imports it', async () => {
    const result = await run(['api-import.mjs'], { HOTSPAN_EXPORT: 'file:by-import' });
    assertProfiled(result, 'by-import');
    assert.equal(result.stderr, '');
  });
  it('profiles an app that requires it', async () => {
    const result = await run(['api-require.cjs'], { HOTSPAN_EXPORT: 'file:by-require-api' });
    assertProfiled(result, 'by-require-api');
    assert.equal(result.stderr, '');
  });
}
