#!/usr/bin/env node
// Builds dist/ from src/: types by the TypeScript compiler, whose errors end the build, JavaScript by esbuild in few
// files. What runs in an app is loaded from some six of them in place of sixty modules, which cost start time and some
// MiB of memory. The output is not minified and keeps names, and says which source each part is from: stack traces
// can be read without source maps.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

import { dualDeclarations } from './dual-declarations.mjs';
import { withOwnGlobals } from './own-globals.mjs';
import { esmFace, ownDirectory, toCommonJs, withCommonJsChunks, withinTry } from './to-commonjs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const dist = join(root, 'dist');

/** What package.json's exports name: each a file of CommonJS, and a face of it for import statements. */
const faces = ['index', 'register', 'mocha', 'node-test', 'vitest'];

/**
 * What runs in the profiled process and has state, of which there must be one, however it is loaded: the faces, what
 * they load by path, and what Vitest does. They share chunks, and all is CommonJS but for what imports Vitest.
 */
const inApp = [
  ...faces.filter((name) => name !== 'register'), 'profiler/register-main', 'profiler/attach-worker', 'ci/vitest-setup', 'ci/vitest-global',
];

/** These stay ES modules: Vitest cannot be required, and benchmarks import. */
const staysEsm = ['ci/vitest-setup', 'ci/vitest-global', 'bench/profiler'];

/**
 * Each is one file, with copies of the few stateless modules that others have, too: the preload, which loads all else by
 * path, worker threads, and what requireOurs() loads when it is needed. As entries of the build above they would split its chunks into small ones.
 */
const alone = [
  'register', 'delivery/delivery-thread-entry', 'profile/source-maps/mapper-thread-entry', 'profile/source-maps/source-map-worker',
  'engine/inspector/inspector-engine', 'engine/idle-engine', 'delivery/detect-resource', 'delivery/delivery-thread', 'delivery/pull-server', 'options/upload-address', 'profile/default-type', 'trace/start-traces',
];

/** Holds the global names as they were at the start, for all other files that run in an app. */
const globals = 'runtime/globals';

/** These have no use for it: what runs before the app does, and threads with a global object of their own. */
const withoutGlobals = [globals, 'register', 'delivery/delivery-thread-entry', 'profile/source-maps/mapper-thread-entry'];

/** Faces for bench/, not published: they must not see other copies than the app does. */
const forBench = { 'bench/profiler': 'bench/support/profiler-face.ts', 'bench/profiles': 'bench/support/profiles-face.ts' };

const common = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  write: false,
  plugins: [ownUrls('js')],
};

buildTypes();
const globalsFile = await bundle(entries([globals]), false);
const captured = new Set(globalsFile[0].exports);
/** Sources of the shared chunks. */
const sharedSources = new Set();
const outputs = [
  ...globalsFile.flatMap(inCommonJs),
  ...(await bundle({ 'bench/profiler': forBench['bench/profiler'], ...entries(inApp) }, true, { plugins: [ownUrls('cjs')] }, noteShared)).flatMap(inCommonJs),
  ...(await bundle(entries(['cli/main']), true, { chunkNames: 'cli/chunks/[hash]' })).map(asEsm),
  ...(await Promise.all(alone.map((name) => bundle(entries([name]), false, { plugins: [ownUrls('cjs')] }, refuseCopiesOfState)))).flat().flatMap(inCommonJs),
  ...(await bundle({ 'bench/profiles': forBench['bench/profiles'] }, false)).map(asEsm),
  ...(await bundle(entries(['flame/page/app']), false, { platform: 'browser', target: 'es2023' })),
];
replaceDist(outputs);

/** What an output of esbuild becomes: a file of CommonJS, for a face with the one that is imported. */
function inCommonJs({ path, text, exports }) {
  const name = relative(dist, path).replace(/\.js$/, '');
  if (staysEsm.includes(name)) return [{ path, text: withCommonJsChunks(text) }];
  const body = withoutGlobals.includes(name) ? toCommonJs(text) : withOwnGlobals(toCommonJs(text), globalsPath(path), captured);
  const file = { path: path.replace(/\.js$/, '.cjs'), text: name === 'register' ? withinTry(body) : body };
  return faces.includes(name) ? [file, { path, text: esmFace(`./${name}.cjs`, exports) }] : [file];
}

function globalsPath(path) {
  const target = relative(dirname(path), join(dist, `${globals}.cjs`));
  return target.startsWith('.') ? target : `./${target}`;
}

function asEsm({ path, text }) {
  return { path, text: ownDirectory(text, 'import.meta.url ?? ""') };
}

function entries(names) {
  return Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));
}

/** @returns {Promise<{ path: string, text: string, exports: string[] }[]>} */
async function bundle(entryPoints, splitting, more = {}, look = () => {}) {
  const result = await build({ ...common, entryPoints, splitting, chunkNames: 'chunks/[hash]', ...more });
  look(Object.keys(result.metafile.inputs));
  const names = chunkNames(result.metafile.outputs);
  return result.outputFiles.map(({ path, text }) => ({
    path: renamed(path, names), text: takeBuiltins(renamed(text, names)), exports: result.metafile.outputs[relative(root, path)].exports,
  }));
}

/**
 * Takes Node's modules as objects in place of importing them. An import reads each property of such a module, and some
 * of them load more: `fs` and `util` alone 40 modules of streams, readline and so on, 0.4 MiB of a heap that had none.
 */
function takeBuiltins(text) {
  const taken = text.replaceAll(/^import (\w+|\{[^}]*\}) from "(node:[^"]+)";$/gm, (_, names, module) =>
    `const ${names.replaceAll(' as ', ': ')} = process.getBuiltinModule("${module}");`);
  const left = /^import .*"node:.*$/m.exec(taken);
  if (left !== null) throw new Error(`an import of a form that takeBuiltins() does not know: ${left[0]}`);
  return taken;
}

function noteShared(sources) {
  for (const path of sources) sharedSources.add(path);
}

/** What changes while the program runs must be there once: two copies would not know of each other's changes. */
function refuseCopiesOfState(sources) {
  const copied = sources.find((path) => sharedSources.has(path) && /^(?:export )?let /m.test(readFileSync(join(root, path), 'utf8')));
  if (copied !== undefined) throw new Error(`${copied} has state and would be built twice`);
}

/**
 * A chunk is named after hotspan and the room that most of it is from: a stack trace of the app's may show it. Where two
 * have one room the smaller has the name of its module, too.
 */
function chunkNames(built) {
  const names = new Map();
  const largestFirst = Object.entries(built).filter(([path]) => path.includes('/chunks/')).sort(([, a], [, b]) => b.bytes - a.bytes);
  for (const [path, { inputs, entryPoint }] of largestFirst) {
    const [[largest]] = entryPoint !== undefined ? [[entryPoint]] : Object.entries(inputs).sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
    const room = `hotspan-${basename(dirname(largest))}`;
    names.set(basename(path, '.js'), [...names.values()].includes(room) ? `${room}-${basename(largest, '.ts')}` : room);
  }
  if (new Set(names.values()).size !== names.size) throw new Error(`two chunks have one name: ${[...names.values()].join(', ')}`);
  return names;
}

function renamed(text, names) {
  for (const [hash, name] of names) text = text.replaceAll(`chunks/${hash}.js`, `chunks/${name}.js`).replaceAll(`./${hash}.js`, `./${name}.js`);
  return text;
}

/**
 * What a module finds by its own URL (workers, prebuilds, package.json) must not move when modules are joined: each
 * keeps the URL that it would have as a file of dist/. In the bundle of an app, where no dist/ of ours is around, that is
 * a file that does not exist; src/profiler/own-files.ts tells.
 */
function ownUrls(ending) {
  const setup = ({ onLoad }) => onLoad({ filter: /\.ts$/ }, ({ path }) => {
    const text = readFileSync(path, 'utf8');
    if (!text.includes('import.meta.url')) return undefined;
    const own = relative(source, path).replace(/\.ts$/, `.${ending}`);
    return { contents: text.replaceAll('import.meta.url', `(new URL('${own}', ownDist).href)`), loader: 'ts' };
  });
  return { name: 'own-urls', setup };
}

function buildTypes() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const types = join(dist, 'types');
  rmSync(types, { recursive: true, force: true });
  try {
    execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  } catch {
    process.exit(1); // tsc has said why
  }
  dualDeclarations(types, faces);
}

/** Writes the files and removes what earlier builds left. */
function replaceDist(files) {
  const wanted = new Set(files.map(({ path }) => path));
  for (const { path, text } of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(path) && !path.startsWith(join(dist, 'types/'))) rmSync(path);
  }
}
