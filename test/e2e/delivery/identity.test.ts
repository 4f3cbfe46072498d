import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { profileFiles } from '../../support/profile-files.ts';
import { runProgram } from '../../support/run-program.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const work = fileURLToPath(new URL('programs/work.cjs', import.meta.url));
/** A process id namespace, in which each program is process 1, as in a container. */
const namespace = ['unshare', '--pid', '--fork', '--mount-proc'];
const hasNamespaces = spawnSync(namespace[0] ?? '', [...namespace.slice(1), 'true']).status === 0;

for (const node of nodesUnderTest()) {
  describe(`names of profile files, on Node ${node.version}`, () => {
    let directory: string;
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-identity-'))));
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    /** All files are whole and none replaced another: `count` of them, by distinct names. */
    function assertKept(count: number): void {
      const files = profileFiles(directory);
      assert.equal(files.length, count, readdirSync(directory).join(' '));
      assert.equal(readdirSync(directory).length, count, 'something else was left');
      for (const { path } of files) {
        assertValidPprof(readFileSync(path));
        assert.equal(statSync(path).mode & 0o777, 0o600);
      }
    }

    (hasNamespaces ? it : it.skip)('keep what an earlier life of the container left, whose process id was 1, too', async () => {
      await inNamespace(node, directory, { HOTSPAN_PERIOD: '0.3' });
      const first = new Map(profileFiles(directory).map(({ path, pid }) => [path, { pid, bytes: readFileSync(path) }]));
      assert.ok(first.size >= 2);
      assert.ok([...first.values()].every(({ pid }) => pid === 1));
      await inNamespace(node, directory, { HOTSPAN_PERIOD: '0.3' });
      for (const [path, { bytes }] of first) assert.ok(readFileSync(path).equals(bytes), `${path} was written again`);
      assert.ok(profileFiles(directory).length >= 2 * first.size - 2);
    });

    (hasNamespaces ? it : it.skip)('keep what replicas write at the same time into one volume', async () => {
      await Promise.all([1, 2, 3].map(() => inNamespace(node, directory, { HOTSPAN_PERIOD: '0' })));
      assertKept(3);
    });

    it('keep each session of one process', async () => {
      const code = `
        const { start, stop } = require('hotspan');
        (async () => { for (let i = 0; i < 3; i++) { start({ period: 0 }); for (let x = 0; x < 1e8; x++); await stop(); } })();`;
      const env = { HOTSPAN_EXPORT: `file:${directory}` };
      const run = await runProgram({ node: node.path, args: ['-e', code], cwd: fileURLToPath(new URL('../../../', import.meta.url)), env, timeoutMs: 30_000 });
      assert.deepEqual([run.code, run.stderr], [0, '']);
      assertKept(3);
    });

    it('lead through no link that another user planted', async () => {
      const victim = join(directory, 'victim');
      writeFileSync(victim, 'precious');
      chmodSync(victim, 0o644);
      // What the names were, and their unfinished forms, for any process id.
      const names = Array.from({ length: 200 }, (_, i) => process.pid + i).flatMap((pid) => [`cpu-${pid}.pb.gz.tmp`, `cpu-${pid}-1.pb.gz.tmp`, `cpu-${pid}.pb.gz`]);
      for (const name of names) symlinkSync(victim, join(directory, name));
      const env = { HOTSPAN_EXPORT: `file:${directory}`, HOTSPAN_PERIOD: '0' };
      const run = await runProgram({ node: node.path, args: ['--import', register, work, '100'], env, timeoutMs: 30_000 });
      assert.deepEqual([run.code, run.stderr], [0, '']);
      assert.equal(readFileSync(victim, 'utf8'), 'precious');
      assert.equal(profileFiles(directory).length, 1);
    });
  });
}

async function inNamespace(node: NodeBinary, directory: string, env: Readonly<Record<string, string>>): Promise<void> {
  const [command = '', ...args] = namespace;
  const run = await runProgram({
    node: command,
    args: [...args, node.path, '--import', register, work, '700'],
    env: { HOTSPAN_EXPORT: `file:${directory}`, ...env },
    timeoutMs: 30_000,
  });
  assert.deepEqual([run.code, run.stderr], [0, '']);
}
