import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { nodesUnderTest } from '../support/node-versions.ts';
import { describeNeeding } from '../support/engine-features.ts';
import { countOf, fileName, isInside, sumBy, type ProfileView } from '../support/pprof-query.ts';
import { runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('./programs/vm-offsets.mjs', import.meta.url));

for (const node of nodesUnderTest()) {
  describeNeeding(['exact cpu'], `places of code with an offset on Node ${node.version}`, () => {
    let expected: Readonly<Record<string, { readonly file: string; readonly line: number }>>;
    let profile: ProfileView;
    before(async () => {
      const run = await runProfiled({ node: node.path, program, nodeFlags: ['--experimental-vm-modules', '--no-warnings'], rateHz: 999 });
      assert.equal(run.code, 0, run.stderr);
      assert.ok(run.profile !== undefined);
      profile = run.profile;
      expected = JSON.parse(run.stdout) as typeof expected;
    });

    it('are those of stack traces and source maps, in each way of node:vm', () => {
      assert.equal(Object.keys(expected).length, 7 * 8);
      const wrong: string[] = [];
      for (const [name, { file, line }] of Object.entries(expected)) {
        assert.ok(Number.isInteger(line), `the stack trace of ${name} has no line`);
        const samples = profile.samples.filter((sample) => isInside(sample, name));
        assert.ok(sumBy(samples, countOf) >= 5, `${sumBy(samples, countOf)} samples of ${name}`);
        // Two of the first samples are of the function's head.
        const right = samples.filter(({ frames }) => frames.some((frame) => frame.name === name && fileName(frame.file) === file && frame.line === line));
        if (sumBy(right, countOf) >= sumBy(samples, countOf) - 2) continue;
        const seen = new Set(samples.flatMap(({ frames }) => frames.filter((frame) => frame.name === name).map((frame) => `${fileName(frame.file)}:${frame.line}`)));
        wrong.push(`${name}: ${[...seen].join(', ')}, not ${file}:${line}`);
      }
      assert.deepEqual(wrong, []);
    });
  });
}
