import { execFile } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/**
 * Variables by which git hands a hook the repository and the index of the commit that is being made
 * (`git rev-parse --local-env-vars`). A command that inherits them works on these, whatever its directory. Without
 * those of the user's configuration (GIT_CONFIG_COUNT, GIT_CONFIG_PARAMETERS), such as safe.directory in a container.
 */
const repositoryVariables = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_COMMON_DIR', 'GIT_CONFIG', 'GIT_DIR', 'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_INTERNAL_SUPER_PREFIX', 'GIT_NO_REPLACE_OBJECTS', 'GIT_OBJECT_DIRECTORY', 'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE', 'GIT_SHALLOW_FILE', 'GIT_WORK_TREE',
];

/** The environment for commands that must work on the repository of their own directory. */
export function withoutRepository(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !repositoryVariables.includes(name)));
}

const run = (command: string, args: readonly string[]): Promise<{ stdout: string }> =>
  runFile(command, args, { env: withoutRepository(process.env), encoding: 'utf8' });

/** A mistake about the repository that the user can mend. One line. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
  readonly code = 'HOTSPAN_ERR_REPOSITORY';
}

export interface BaseCheckout {
  /** Short hash and the name it was asked for by, such as `3f2a91c (origin/main)`. */
  readonly description: string;
  /** Root of the repository that holds `cwd`, and of the base's checkout. */
  readonly headRoot: string;
  readonly baseRoot: string;
  /** The folder in the base's checkout that `cwd` is in head. */
  readonly baseCwd: string;
  /** Removes the checkout. */
  remove(): Promise<void>;
}

/**
 * Checks the base out in a git worktree in the temporary directory. `ref` undefined: where the branch left the branch
 * it goes into (`GITHUB_BASE_REF`, else origin's default branch, main or master); on that branch itself, the commit
 * before, or HEAD while there are changes that are not committed.
 * Throws `RepositoryError`.
 */
export async function checkOutBase(cwd: string, ref: string | undefined, env: NodeJS.ProcessEnv): Promise<BaseCheckout> {
  const headRoot = await git(cwd, ['rev-parse', '--show-toplevel'], 'hotspan ci needs a git repository: run it inside one');
  const { commit, name } = ref === undefined ? await defaultBase(headRoot, env) : { commit: await resolveRef(headRoot, ref), name: ref };
  // Real, because that is how the profiles name files.
  const baseRoot = await realpath(await mkdtemp(join(tmpdir(), 'hotspan-base-')));
  const checkout = join(baseRoot, 'checkout');
  const remove = async (): Promise<void> => {
    await run('git', ['-C', headRoot, 'worktree', 'remove', '--force', checkout]).catch(() => undefined);
    await rm(baseRoot, { recursive: true, force: true });
    await run('git', ['-C', headRoot, 'worktree', 'prune']).catch(() => undefined);
  };
  try {
    await git(headRoot, ['worktree', 'add', '--detach', '--quiet', checkout, commit], `cannot check out ${name}`);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    description: `${commit.slice(0, 9)} (${name})`,
    headRoot,
    baseRoot: checkout,
    baseCwd: join(checkout, relative(headRoot, await realpath(cwd))),
    remove,
  };
}

/**
 * Gives the base head's node_modules where both ask for the same packages, which saves an install. Returns whether
 * it has some now.
 */
export function shareDependencies({ headRoot, baseRoot }: BaseCheckout): boolean {
  const [from, to] = [join(headRoot, 'node_modules'), join(baseRoot, 'node_modules')];
  if (existsSync(to) || !existsSync(join(baseRoot, 'package.json'))) return true;
  const same = ['package.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock']
    .map((file) => [headRoot, baseRoot].map((root) => dependenciesIn(join(root, file))))
    .every(([head, base]) => head === base);
  if (!same || !existsSync(from)) return !existsSync(from);
  symlinkSync(from, to, 'dir');
  return true;
}

/** Of package.json only what concerns packages: a changed script needs no install. */
function dependenciesIn(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  if (!path.endsWith('package.json')) return text;
  const { dependencies, devDependencies, optionalDependencies, workspaces } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify([dependencies, devDependencies, optionalDependencies, workspaces]);
}

async function defaultBase(root: string, env: NodeJS.ProcessEnv): Promise<{ commit: string; name: string }> {
  const head = await resolveRef(root, 'HEAD');
  const target = env['GITHUB_BASE_REF'];
  const candidates = [...(target ? [`origin/${target}`, target] : []), 'origin/HEAD', 'origin/main', 'origin/master', 'main', 'master'];
  for (const name of candidates) {
    const tip = await gitOr(root, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
    const fork = tip === undefined ? undefined : await gitOr(root, ['merge-base', 'HEAD', tip]);
    if (fork !== undefined && fork !== head) return { commit: fork, name: `where the branch left ${name}` };
  }
  const changed = await gitOr(root, ['status', '--porcelain', '--untracked-files=no']);
  if (changed !== undefined && changed !== '') return { commit: head, name: 'HEAD, against the changes not committed' };
  const before = await gitOr(root, ['rev-parse', '--verify', '--quiet', 'HEAD^1']);
  if (before === undefined) throw new RepositoryError('no base to compare with: give --base REF (in a shallow clone, fetch more commits first: fetch-depth: 0)');
  return { commit: before, name: 'the commit before HEAD' };
}

async function resolveRef(root: string, ref: string): Promise<string> {
  // A ref that looks like an option would be one to git.
  if (ref.startsWith('-')) throw new RepositoryError(`--base ${ref} is no commit`);
  return git(root, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], `--base ${ref} is no commit here (in a shallow clone, fetch it first: fetch-depth: 0)`);
}

async function git(cwd: string, args: readonly string[], failure: string): Promise<string> {
  try {
    return (await run('git', ['-C', cwd, ...args])).stdout.trim();
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') throw new RepositoryError('hotspan ci needs git: install it', { cause: error });
    const [reason = ''] = stderr.trim().split('\n');
    throw new RepositoryError(args[0] === 'worktree' ? `${failure}: ${reason}` : failure, { cause: error });
  }
}

async function gitOr(cwd: string, args: readonly string[]): Promise<string | undefined> {
  return git(cwd, args, '').catch(() => undefined);
}
