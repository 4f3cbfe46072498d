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

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const dist = join(root, 'dist');

/** What package.json's exports name. Each also has a face for require(). */
const faces = ['index', 'register', 'mocha', 'node-test', 'vitest'];

/**
 * What runs in the profiled process and has state, of which there must be one: the faces, what they load by path, and
 * what Vitest does. They share chunks.
 */
const inApp = [
  ...faces, 'profiler/register-main', 'ci/vitest-setup', 'ci/vitest-global',
];

/**
 * Each is one file, with copies of the few stateless modules that others have, too: worker threads, and what
 * requireOurs() loads when it is needed. As entries of the build above they would split its chunks into small ones.
 */
const alone = [
  'delivery/delivery-thread-entry', 'profile/source-maps/mapper-thread-entry', 'profile/source-maps/source-map-worker',
  'engine/inspector/inspector-engine', 'engine/idle-engine', 'delivery/detect-resource', 'delivery/delivery-thread', 'delivery/pull-server', 'options/upload-address', 'profile/default-type', 'trace/start-traces',
];

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
  plugins: [{ name: 'own-urls', setup: keepOwnUrls }],
};

buildTypes();
/** Sources of the shared chunks. */
const sharedSources = new Set();
const outputs = [
  ...(await bundle({ 'bench/profiler': forBench['bench/profiler'], ...entries(inApp) }, true, {}, noteShared)),
  ...(await bundle(entries(['cli/main']), true, { chunkNames: 'cli/chunks/[hash]' })),
  ...(await Promise.all(alone.map((name) => bundle(entries([name]), false, {}, refuseCopiesOfState)))).flat(),
  ...(await bundle({ 'bench/profiles': forBench['bench/profiles'] }, false)),
  ...(await bundle(entries(['flame/page/app']), false, { platform: 'browser', target: 'es2023' })),
  ...faces.map((name) => ({ path: join(dist, `${name}.cjs`), text: `module.exports = require('./${name}.js');\n` })),
];
replaceDist(outputs);

function entries(names) {
  return Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));
}

/** @returns {Promise<{ path: string, text: string }[]>} */
async function bundle(entryPoints, splitting, more = {}, look = () => {}) {
  const result = await build({ ...common, entryPoints, splitting, chunkNames: 'chunks/[hash]', ...more });
  look(Object.keys(result.metafile.inputs));
  const names = chunkNames(result.metafile.outputs);
  return result.outputFiles.map(({ path, text }) => ({ path: renamed(path, names), text: takeBuiltins(renamed(text, names)) }));
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

/** A chunk is named after its module, or the largest of them: a hash would say nothing in a stack trace. */
function chunkNames(built) {
  const names = new Map();
  for (const [path, { inputs, entryPoint }] of Object.entries(built)) {
    if (!path.includes('/chunks/')) continue;
    const [[largest]] = entryPoint !== undefined ? [[entryPoint]] : Object.entries(inputs).sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
    names.set(basename(path, '.js'), basename(largest, '.ts'));
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
function keepOwnUrls({ onLoad }) {
  onLoad({ filter: /\.ts$/ }, ({ path }) => {
    const text = readFileSync(path, 'utf8');
    if (!text.includes('import.meta.url')) return undefined;
    const own = relative(source, path).replace(/\.ts$/, '.js');
    const url = `new URL('${own}', /^.*\\/dist\\//.exec(import.meta.url ?? '')?.[0] ?? 'file:///hotspan-in-a-bundle/dist/').href`;
    return { contents: text.replaceAll('import.meta.url', `(${url})`), loader: 'ts' };
  });
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
