import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../../support/engine-features.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';

const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** Eight functions of equal work; `calculate` has `factor` times as much. */
function program(factor: number): string {
  const names = ['calculate', ...Array.from({ length: 7 }, (_, i) => `work${i}`)];
  const functions = names.map((name, index) => `function ${name}(x) {
  for (let i = 0; i < ${Math.round(20_000 * (index === 0 ? factor : 1))}; i++) { x = Math.imul(x ^ (x >>> 15), ${31 + index}); x = (x ^ (x >>> 13)) + i | 0; }
  return x;
}`);
  return `${functions.join('\n')}\nlet x = 1;\nfor (let round = 0; round < 400; round++) {\n${names.map((name) => `  x = ${name}(x);`).join('\n')}\n}\n`;
}

describeNeeding(['labels', 'exact cpu'], 'hotspan ci', () => {
  let root: string;
  const git = (...args: string[]): string => execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { encoding: 'utf8' });
  const commit = (source: string): void => {
    writeFileSync(join(root, 'perf.mjs'), source);
    git('add', 'perf.mjs');
    git('commit', '-qm', 'change', '--allow-empty');
  };
  const ci = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> =>
    runProgram({ node: process.execPath, args: [cli, 'ci', ...args], env: { NO_COLOR: '1', ...env }, cwd: root, timeoutMs: 110_000 });
  const perf = ['--', process.execPath, 'perf.mjs'];

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'hotspan-ci-test-')));
    git('init', '-q', '-b', 'main');
    commit(program(1));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('names the function that became slower, with exit code 1, and tells Actions', async () => {
    commit(program(3));
    const summary = join(root, 'summary.md');
    const { code, stdout, stderr } = await ci(['--runs', '5', ...perf], { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary });
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, /^slower: calculate \(perf\.mjs:2\) is (1[3-9]\d|2[0-6]\d)% slower$/m);
    assert.match(stderr, /^::error file=perf\.mjs,line=2,title=hotspan%3A slower::calculate is /m);
    assert.match(readFileSync(summary, 'utf8'), /\| `calculate` perf\.mjs:2/);
    assert.deepEqual(readdirSync(join(root, 'hotspan-ci')).sort(), ['base.pb.gz', 'flame.html', 'head.pb.gz', 'report.json', 'report.md']);
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
  });

  it('ends with 0 when what changed became faster, and prints JSON', async () => {
    commit(program(0.2));
    const { code, stdout } = await ci(['--runs', '5', '--json', ...perf]);
    assert.equal(code, 0, stdout);
    assert.equal((JSON.parse(stdout) as { result: string }).result, 'ok');
  });

  it('ends with 2, one line, and nothing left behind when it cannot compare', async () => {
    commit(program(1));
    const cases: readonly (readonly [string[], RegExp])[] = [
      [[], /no perf command given/],
      [['--runs', '1', ...perf], /--runs expects/],
      [['--base', 'nowhere', ...perf], /--base nowhere is no commit here/],
      [['--', 'no-such-command'], /the perf command failed on base: command or directory not found/],
      [['--setup', 'echo bad && exit 3', ...perf], /^bad\nhotspan ci: --setup failed on the base: exit code 3$/m],
      [['--', process.execPath, '-e', 'console.error("why"); process.exit(7)'], /^why\nhotspan ci: the perf command failed on base: exit code 7$/m],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await ci(args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
    assert.equal(existsSync(join(root, 'hotspan-ci')), false);
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
  });
});
