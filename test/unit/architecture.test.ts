import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Room {
  readonly uses: readonly string[];
  readonly usesTypesOf?: readonly string[];
  readonly pure?: boolean;
}

interface NativeRoom {
  readonly uses: readonly string[];
  readonly engineHeaders: boolean;
}

interface Rooms {
  readonly src: Readonly<Record<string, Room>>;
  readonly entries: Room;
  readonly native: Readonly<Record<string, NativeRoom>>;
}

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const rooms = JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')) as Rooms;

const filesIn = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const foldersIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

describe('rooms of src', () => {
  const files = filesIn('src', /\.ts$/);

  it('are all in rooms.json', () => {
    const unknown = foldersIn('src').filter((folder) => !(folder in rooms.src));
    assert.deepEqual(unknown, []);
  });

  it('are imported along the arrows only', () => {
    assert.deepEqual(files.flatMap((file) => brokenArrows(file, importsOf(read(file)))), []);
  });

  it('are read by this test as they are', () => {
    const arrows = new Set(files.flatMap((file) => importsOf(read(file)).map(({ from }) => `${roomOf(file)} -> ${targetRoom(file, from) ?? '?'}`)));
    for (const known of ['profiler -> engine', 'cli -> analyze', 'engine -> profile', 'entries -> profiler']) {
      assert.ok(arrows.has(known), `${known} was not found`);
    }
  });

  it('refuse what rooms.json has no arrow for', () => {
    const cases: readonly (readonly [file: string, source: string])[] = [
      ['src/profile/a.ts', "import { dispatch } from '../cli/dispatch.ts';"],
      ['src/profile/source-maps/a.ts', "export * from '../../engine/addon.ts';"],
      ['src/engine/a.ts', "import { gzip } from '../profile/gzip.ts';"],
      ['src/engine/a.ts', "import {\n  type A,\n  gzip,\n} from '../profile/gzip.ts';"],
      ['src/analyze/a.ts', "import { readFileSync } from 'node:fs';"],
      ['src/delivery/a.ts', "const { start } = await import('../index.ts');"],
      ['src/index.ts', "export { run } from './cli/run.ts';"],
    ];
    for (const [file, source] of cases) assert.equal(brokenArrows(file, importsOf(source)).length, 1, `${file}: ${source}`);
    assert.deepEqual(brokenArrows('src/engine/a.ts', importsOf("import type { A } from '../profile/gzip.ts';")), []);
    assert.deepEqual(brokenArrows('src/engine/a.ts', importsOf("import { type A } from '../profile/gzip.ts';")), []);
  });

  it('leave the addon to engine', () => {
    const naming = files.filter((file) => /node-gyp-build|\.node['"`]/.test(read(file)));
    assert.deepEqual(naming, ['src/engine/addon.ts']);
  });
});

describe('rooms of native', () => {
  const engineHeader = /^\s*#\s*include\s*[<"](?:v8[\w-]*|node\w*|napi|js_native_api\w*|uv)\.h[>"]/m;
  const includesOf = (file: string): string[] =>
    [...read(file).matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)].map(([, path]) => path ?? '');

  for (const [room, { uses, engineHeaders }] of Object.entries(rooms.native)) {
    const files = filesIn(`native/${room}`, /\.(h|cc)$/);

    it(`native/${room} includes only ${uses.join(', ') || 'itself'}`, () => {
      assert.ok(files.length > 0);
      const broken = files.flatMap((file) =>
        includesOf(file)
          .map((path) => relative(join(root, 'native'), resolve(root, dirname(file), path)).split('/')[0] ?? '')
          .filter((target) => target in rooms.native && target !== room && !uses.includes(target))
          .map((target) => `${file} -> ${target}`),
      );
      assert.deepEqual(broken, []);
    });

    it(`native/${room} ${engineHeaders ? 'may include' : 'includes no'} headers of V8, Node or libuv`, () => {
      const including = files.filter((file) => engineHeader.test(read(file)));
      // A room that may and does not says that the search is blind, or that the room is not needed.
      if (engineHeaders) assert.notEqual(including.length, 0);
      else assert.deepEqual(including, []);
    });
  }

  it('are all in rooms.json', () => {
    assert.deepEqual(foldersIn('native').filter((folder) => folder !== 'test' && !(folder in rooms.native)), []);
  });
});

describe('READMEs of folders', () => {
  /** Made by commands, absent from a fresh clone. */
  const generated = /^(dist|build|build-native|prebuilds|profiles|\.nodes|node_modules)\b/;
  const folders = ['src', 'native'].flatMap((top) => foldersIn(top).map((folder) => `${top}/${folder}`));

  for (const folder of folders) {
    it(`${folder} has one, and what it names exists`, () => {
      assert.ok(existsSync(join(root, folder, 'README.md')), `${folder}/README.md is missing`);
      assert.deepEqual(namedPaths(read(`${folder}/README.md`)).filter((path) => !generated.test(path) && !pathExists(folder, path)), []);
    });
  }

  it('name what is read as a path', () => {
    const text = 'See `top-rows.ts`, `src/profile` and `core/`; not `renderTop`, `cpu-<pid>.pb.gz`, `node:zlib` or `*_signal.h`.';
    assert.deepEqual(namedPaths(text), ['top-rows.ts', 'src/profile', 'core/']);
    assert.equal(pathExists('src/analyze', 'top-rows.ts'), true);
    assert.equal(pathExists('src/analyze', 'top-columns.ts'), false);
  });

  /** In backticks, and either a file name with an ending we use or something with a slash. */
  function namedPaths(text: string): string[] {
    return [...text.matchAll(/`([^`\n]+)`/g)]
      .map(([, name]) => name ?? '')
      .filter((name) => /^[\w./-]+$/.test(name) && !name.startsWith('/'))
      .filter((name) => name.includes('/') || /\.(ts|mjs|js|json|md|h|cc|txt|gyp)$/.test(name))
      // Names of packages' modules and of the processor's files under /proc are no paths of ours.
      .filter((name) => !/^(hotspan|node-\w+)\//.test(name));
  }

  /** A bare name may stand anywhere beneath the folder; of a path the ending may be left out. */
  function pathExists(folder: string, path: string): boolean {
    if (!path.includes('/')) return filesIn(folder, /./).some((file) => file.endsWith(`/${path}`));
    const bases = [join(root, folder), root];
    return bases.some((base) => ['', '.h', '.ts'].some((ending) => existsSync(join(base, path + ending))));
  }
});

/** Static and dynamic imports and re-exports. */
function importsOf(source: string): Import[] {
  const statics = [...source.matchAll(/^(?:import|export)\s+(?:(type)\s)?([^'";]*?)\s*(?:from\s*)?'([^']+)';?$/gm)].map(
    ([, type, names = '', from = '']) => ({ from, typeOnly: type !== undefined || onlyTypes(names) }),
  );
  const dynamics = [...source.matchAll(/^(?!\s*(?:\/\/|\*)).*?\bimport\('([^']+)'\)/gm)].map(([, from = '']) => ({ from, typeOnly: false }));
  return [...statics, ...dynamics];
}

/** `{ type A, type B }`: every name by itself is a type. */
function onlyTypes(names: string): boolean {
  const inside = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  return inside !== undefined && inside.split(',').map((name) => name.trim()).filter(Boolean).every((name) => name.startsWith('type '));
}

function roomOf(file: string): string {
  const [, folder = '', ...rest] = file.split('/');
  return rest.length === 0 ? 'entries' : folder;
}

/** The room a relative import leads to; undefined for packages and Node's modules. */
function targetRoom(file: string, from: string): string | undefined {
  if (!from.startsWith('.')) return undefined;
  return roomOf(relative(root, resolve(root, dirname(file), from)));
}

function brokenArrows(file: string, imports: readonly Import[]): string[] {
  const name = roomOf(file);
  const room = name === 'entries' ? rooms.entries : rooms.src[name];
  assert.ok(room, `${file} is in no room`);
  return imports
    .filter(({ from, typeOnly }) => {
      const target = targetRoom(file, from);
      if (target === undefined) return room.pure === true && from.startsWith('node:');
      if (target === name || room.uses.includes(target)) return false;
      return !(typeOnly && room.usesTypesOf?.includes(target) === true);
    })
    .map(({ from }) => `${file} -> ${from}`);
}

