import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface PackedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface InstalledPackage {
  /** The tarball's own list. */
  readonly files: readonly PackedFile[];
  /** A project whose one dependency is the tarball. */
  readonly project: string;
  /** For PATH: a folder with `node` (this one), `npm`, `npx` and `sh`, and nothing that could compile. */
  readonly path: string;
}

let installed: InstalledPackage | undefined;

/** Packs hotspan as it is built and installs it into an empty project, once in a process. Scripts may run: there are none. */
export function installedPackage(): InstalledPackage {
  return (installed ??= install());
}

function install(): InstalledPackage {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'hotspan-package-')));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  // Without scripts: `prepare` would build what is to be tested anew.
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], { cwd: root, encoding: 'utf8' }),
  ) as [{ filename: string; files: PackedFile[] }];
  const path = toolsWithoutCompiler(join(directory, 'bin'));
  const project = join(directory, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const args = ['install', join(directory, packed.filename), '--prefer-offline', '--no-audit', '--no-fund', '--foreground-scripts'];
  execFileSync(join(path, 'npm'), args, { cwd: project, env: { ...cleanEnvironment(), PATH: path }, stdio: ['ignore', 'ignore', 'inherit'] });
  return { files: packed.files, project, path };
}

/** A copy of the project, for a test that changes it. */
export function copyOfProject(name: string): string {
  const { project } = installedPackage();
  const copy = join(dirname(project), name);
  cpSync(project, copy, { recursive: true });
  return copy;
}

/** Whether the addon for this Node's ABI was built; a developer may have but one. */
export function hasPrebuild(abi: string): boolean {
  return existsSync(join(root, `prebuilds/linux-x64/hotspan.abi${abi}.glibc.node`));
}

function toolsWithoutCompiler(directory: string): string {
  mkdirSync(directory);
  symlinkSync(process.execPath, join(directory, 'node'));
  for (const tool of ['npm', 'npx', 'sh']) symlinkSync(realpathSync(find(tool)), join(directory, tool));
  return directory;
}

function find(tool: string): string {
  const found = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, tool)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`${tool} is not on PATH`);
  return found;
}

/** Without what npm sets for the scripts it runs: this suite may be one. */
function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !/^(npm_|NODE_OPTIONS$)/i.test(entry[0])),
  );
}

/** As the project's own package.json says it. */
export function publishedManifest(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(installedPackage().project, 'node_modules/hotspan/package.json'), 'utf8')) as Record<string, unknown>;
}
