import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOutBase, shareDependencies, withoutRepository } from '../../../src/ci/git-worktree.ts';

describe('checkOutBase', () => {
  let root: string;
  const git = (...args: string[]): string => execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { encoding: 'utf8' });
  const commit = (text: string): void => {
    writeFileSync(join(root, 'pkg', 'a.txt'), text);
    git('add', '.');
    git('commit', '-qm', text);
  };

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'hotspan-worktree-')));
    mkdirSync(join(root, 'pkg'));
    git('init', '-q', '-b', 'main');
    commit('one');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function baseText(cwd: string, ref?: string): Promise<string> {
    const checkout = await checkOutBase(cwd, ref, {});
    try {
      return readFileSync(join(checkout.baseCwd, 'a.txt'), 'utf8');
    } finally {
      await checkout.remove();
      assert.equal(existsSync(checkout.baseRoot), false);
      assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
    }
  }

  it('checks the ref out in the same folder, and leaves nothing behind', async () => {
    commit('two');
    assert.equal(await baseText(join(root, 'pkg'), 'HEAD^'), 'one');
  });

  it('takes where the branch left main, else the commit before, else HEAD for changes not committed', async () => {
    git('checkout', '-qb', 'topic');
    commit('two');
    commit('three');
    assert.equal(await baseText(join(root, 'pkg')), 'one');
    git('checkout', '-q', 'main');
    commit('on main');
    assert.equal(await baseText(join(root, 'pkg')), 'one');
    writeFileSync(join(root, 'pkg', 'a.txt'), 'edited');
    assert.equal(await baseText(join(root, 'pkg')), 'on main');
  });

  it('leaves the commit alone that a hook runs in', async () => {
    commit('two');
    writeFileSync(join(root, 'pkg', 'a.txt'), 'three');
    git('add', '.');
    const index = join(root, '.git', 'index');
    const before = readFileSync(index);
    // As git sets them for a hook of `git commit -a`, whose index is a file of its own.
    const hook = { GIT_DIR: join(root, '.git'), GIT_INDEX_FILE: index, GIT_PREFIX: '', GIT_WORK_TREE: root };
    Object.assign(process.env, hook);
    try {
      assert.equal(await baseText(join(root, 'pkg'), 'HEAD^'), 'one');
    } finally {
      for (const name of Object.keys(hook)) Reflect.deleteProperty(process.env, name);
    }
    assert.ok(readFileSync(index).equals(before), 'the index was written');
    assert.equal(git('diff', '--cached', '--name-only').trim(), 'pkg/a.txt');
  });

  it('hands commands no repository but that of their directory, and the configuration of the user', () => {
    const local = execFileSync('git', ['rev-parse', '--local-env-vars'], { encoding: 'utf8' }).trim().split('\n');
    assert.ok(local.includes('GIT_INDEX_FILE'));
    const env = Object.fromEntries([...local, 'PATH'].map((name) => [name, 'x']));
    assert.deepEqual(Object.keys(withoutRepository(env)).sort(), ['GIT_CONFIG_COUNT', 'GIT_CONFIG_PARAMETERS', 'PATH']);
  });

  it('says what is wrong in one line', async () => {
    const refuses = (cwd: string, ref: string | undefined, message: RegExp) => assert.rejects(checkOutBase(cwd, ref, {}), (error: Error) => {
      return message.test(error.message) && !error.message.includes('\n');
    });
    await refuses(root, 'nowhere', /--base nowhere is no commit here/);
    await refuses(root, '--upload-pack=x', /is no commit/);
    await refuses(root, undefined, /give --base REF/);
    await refuses(tmpdir(), undefined, /needs a git repository/);
  });

  it("gives the base head's node_modules only when both ask for the same packages", async () => {
    writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { a: '1' } }));
    writeFileSync(join(root, '.gitignore'), 'node_modules\n');
    commit('packages');
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { a: '1' }, scripts: { perf: 'x' } }));
    const same = await checkOutBase(root, 'HEAD', {});
    assert.equal(shareDependencies(same), true);
    assert.ok(lstatSync(join(same.baseRoot, 'node_modules')).isSymbolicLink());
    await same.remove();
    assert.ok(existsSync(join(root, 'node_modules')), 'removing the base leaves them');
    writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { a: '2' } }));
    const other = await checkOutBase(root, 'HEAD', {});
    assert.equal(shareDependencies(other), false);
    assert.equal(existsSync(join(other.baseRoot, 'node_modules')), false);
    await other.remove();
  });
});
