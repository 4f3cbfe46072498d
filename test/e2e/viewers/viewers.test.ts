import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';

import { itNeeding } from '../../support/engine-features.ts';
import { goPprofTop, hasGoPprof } from '../../support/go-pprof.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { cpuOf, ratio, readPprof, sumBy, type ProfileView } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';

const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const program = (name: string): string => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
/** UTF-8 has no lone surrogates. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
const plain = (name: string): string => name.replace(/^Object\./, '');

for (const node of nodesUnderTest()) {
  describe(`profiles in viewers, on Node ${node.version}`, function () {
    this.timeout(120_000);
    let directory: string;
    before(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-viewers-'))));
    after(() => rmSync(directory, { recursive: true, force: true }));
    const hotspan = (...args: string[]): Promise<RunResult> =>
      runProgram({ node: node.path, args: [cli, ...args], env: { NO_COLOR: '1' }, timeoutMs: 60_000 });

    describe('odd names', () => {
      let file: string;
      let folder: string;
      let names: string[];
      let profile: ProfileView;
      before(async () => {
        folder = join(directory, 'odd ü #1 100% [x] ');
        mkdirSync(folder);
        const out = join(directory, 'odd');
        const run = await hotspan('run', '--rate', '499', '--out', out, '--', node.path, program('odd-names.cjs'), folder);
        assert.equal(run.code, 0, run.stderr);
        names = JSON.parse(run.stdout.slice(run.stdout.indexOf('["'), run.stdout.indexOf('"]') + 2)) as string[];
        file = join(out, 'cpu.pb.gz');
        profile = readPprof(readFileSync(file));
      });
      const own = (): ProfileView['samples'] => profile.samples.filter(({ frames }) => frames.some((frame) => frame.file.startsWith(folder)));

      it('keeps each name, and the odd file it is in', () => {
        const found = new Set(own().flatMap(({ frames }) => frames.filter((frame) => frame.file.startsWith(folder)).map(({ name }) => plain(name))));
        // A long name may be cut; its beginning is kept.
        const missing = names.map(wellFormed).filter((name) => ![...found].some((seen) => seen === name || (name.length > 1000 && name.startsWith(seen.replace(/…$/, '')) && seen.length > 100)));
        assert.deepEqual(missing.map((name) => name.slice(0, 40)), []);
      });

      itNeeding(['labels'], 'labels 98% of the time with the name that runs', () => {
        const right = own().filter(({ frames, labels }) => {
          const name = plain(frames.find((frame) => frame.file.startsWith(folder))?.name ?? '').replace(/…$/, '');
          const label = labels['name'] ?? '';
          return label !== '' && (name.startsWith(label.replace(/…$/, '')) || label.startsWith(name));
        });
        assert.ok(ratio(sumBy(right, cpuOf), sumBy(own(), cpuOf)) >= 0.98);
      });

      it('is opened by go tool pprof', function () {
        if (!hasGoPprof()) this.skip();
        assert.ok(goPprofTop(readFileSync(file), ['-nodecount=100']).some(({ name }) => name.includes('価格計算')));
      });

      for (const by of [[], ['--by', 'label:name']]) {
        it(`makes no table row of control characters or without end: top ${by.join(' ')}`, async () => {
          const { code, stdout } = await hotspan('top', ...by, file);
          assert.equal(code, 0);
          assert.ok(stdout.split('\n').every((line) => line.length < 5000));
          assert.doesNotMatch(stdout, /[\0\x1b\t]/);
        });
      }

      it('runs no name in the flame graph page', async () => {
        const page = join(directory, 'flame.html');
        const { code, stderr } = await hotspan('flame', file, '-o', page);
        assert.equal(code, 0, stderr);
        assert.ok(!readFileSync(page, 'utf8').includes('<script>alert(1)'));
      });
    });

    // A viewer that takes one line of a location only must lose no inlined function.
    itNeeding(['inlining'], 'has one location for each frame, inlined ones included', async () => {
      const out = join(directory, 'inlined');
      const run = await hotspan('run', '--rate', '499', '--out', out, '--', node.path, program('inlined.cjs'));
      assert.equal(run.code, 0, run.stderr);
      const bytes = readFileSync(join(out, 'cpu.pb.gz'));
      const { location } = Profile.decode(gunzipSync(bytes));
      assert.deepEqual(location.filter(({ line }) => line.length !== 1), []);
      const { samples } = readPprof(bytes);
      const flat = (name: string): number => sumBy(samples.filter(({ frames }) => frames[0]?.name === name), cpuOf);
      assert.ok(ratio(flat('innerStep') + flat('middleStep'), sumBy(samples, cpuOf)) > 0.4);
    });
  });
}
