import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { itNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { readPprof } from '../../support/pprof-query.ts';
import { runProgram } from '../../support/run-program.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const demo = fileURLToPath(new URL('../../../demo/run.mjs', import.meta.url));
const profile = fileURLToPath(new URL('../../../profiles/demo/cpu.pb.gz', import.meta.url));

const namesIn = (file: string): Set<string> => new Set(readPprof(readFileSync(file)).samples.flatMap(({ frames }) => frames.map(({ name }) => name)));

for (const node of nodesUnderTest()) {
  describe(`demo on Node ${node.version}`, () => {
    it('shows where a service under load spends its time', async () => {
      // Ten times the samples of a user's: what takes one in a hundred must not be left to chance.
      const { code, stdout, stderr } = await runProgram({ node: node.path, args: [demo], env: { DEMO_SECONDS: '3', HOTSPAN_RATE: '999', NO_COLOR: '1' }, timeoutMs: 60_000 });
      assert.deepEqual([code, stderr], [0, ''], stdout);
      const [functions = '', lines = ''] = stdout.split('Top lines');
      assert.match(functions, /Top functions/);
      assert.match(functions, /editDistance .*demo\/service\/search\.js:18$/m);
      assert.match(lines, /search\.js:(19|25)$/m);
      assert.match(lines, /go tool pprof -http=: .*profiles\/demo\/cpu\.pb\.gz/);
    });

    it('leaves a profile with the calls of every kind of request in it', () => {
      assertValidPprof(readFileSync(profile));
      const names = namesIn(profile);
      for (const name of ['search', 'hashPassword', 'salesReport']) assert.ok(names.has(name), `${name} is missing`);
    });

    itNeeding(['class names'], 'names what V8 does for them', () => {
      assert.ok(namesIn(profile).has('JSON.stringify'));
    });

    it('refuses a duration that is none', async () => {
      const { code, stdout, stderr } = await runProgram({ node: node.path, args: [demo], env: { DEMO_SECONDS: 'long' }, timeoutMs: 20_000 });
      assert.deepEqual([code, stdout, stderr], [1, '', 'demo: DEMO_SECONDS=long: give a number from 1 to 600\n']);
    });
  });
}
