import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { makeDirectory, makeDirectorySync } from '../../../src/delivery/make-directory.ts';

const run = promisify(execFile);
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const exporterUrl = new URL('../../../src/delivery/file-exporter.ts', import.meta.url).href;

const variants = [
  ['makeDirectory', makeDirectory],
  ['makeDirectorySync', async (path: string) => makeDirectorySync(path)],
] as const;

for (const [name, make] of variants) {
  describe(name, () => {
    let root = '';
    beforeEach(async () => {
      root = await mkdtemp(join(tmpdir(), 'hotspan-make-'));
    });
    afterEach(() => rm(root, { recursive: true }));

    it('makes what is missing and names the first it made', async () => {
      assert.equal(await make(join(root, 'a/b/c')), join(root, 'a'));
      assert.equal(await make(join(root, 'a/b/d/')), join(root, 'a/b/d'));
      assert.equal(await make(join(root, 'a/b')), undefined);
      assert.equal(await make(relative(process.cwd(), join(root, 'e'))), join(root, 'e'));
      for (const made of ['a/b/c', 'a/b/d', 'e']) assert.ok((await stat(join(root, made))).isDirectory(), made);
    });

    it('follows links to directories', async () => {
      await symlink(root, join(root, 'link'));
      assert.equal(await make(join(root, 'link')), undefined);
      await make(join(root, 'link/a'));
      assert.ok((await stat(join(root, 'a'))).isDirectory());
    });

    it('fails where something else is in the way, and names it', async () => {
      await writeFile(join(root, 'file'), '');
      await symlink(join(root, 'nowhere'), join(root, 'dangling'));
      for (const wrong of ['file', 'file/below/it', 'dangling', 'dangling/a']) {
        const inTheWay = join(root, wrong.split('/')[0] ?? '');
        await assert.rejects(make(join(root, wrong)), { code: 'EEXIST', path: inTheWay }, wrong);
      }
    });

    it('does not mind others who make the same', async () => {
      const path = join(root, 'a/b/c/d');
      const made = await Promise.all([make(path), make(path), make(path)]);
      assert.ok(made.includes(join(root, 'a')));
      assert.ok((await stat(path)).isDirectory());
    });
  });
}

describe('file exporter', () => {
  // In a process of its own, because what this is about is a call that never returns.
  for (const call of ['await exporter.export(profile)', 'exporter.exportSync(profile)']) {
    it(`fails in one line where the kernel lets no directory be: ${call}`, async () => {
      const code = `
        import { createFileExporter } from ${JSON.stringify(exporterUrl)};
        const exporter = createFileExporter('/proc/hotspan/below');
        const profile = { profiles: [{ type: 'cpu', bytes: new Uint8Array(1) }], startMs: 0, endMs: 1, sequence: 0, whole: true, last: true };
        try { ${call}; } catch (error) { console.log(error.message); }
      `;
      const { stdout } = await run(process.execPath, ['--import', loader, '--input-type=module', '-e', code], { timeout: 30_000 });
      assert.match(stdout, /^cannot write \/proc\/hotspan\/below\/cpu-\d+-[\w-]+\.pb\.gz: ENOENT[^\n]*'\/proc\/hotspan'\n$/);
    });
  }
});
