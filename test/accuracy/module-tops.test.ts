import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('./programs/module-tops.mjs', import.meta.url));

for (const node of nodesUnderTest()) {
  describeNeeding(['exact cpu'], `the top level of ES modules on Node ${node.version}`, () => {
    it('is a function without a name that begins on the first line, whatever is in the module', async () => {
      const { code, stderr, stdout, profile } = await runProfiled({ node: node.path, program, rateHz: 999 });
      assert.equal(code, 0, stderr);
      for (const name of JSON.parse(stdout) as string[]) {
        const frames = profile?.samples.flatMap((sample) => sample.frames).filter(({ file }) => file === `top-${name}.mjs`) ?? [];
        const seen = new Set(frames.map((frame) => `${frame.name}:${frame.startLine}`));
        assert.deepEqual([...seen], ['<anonymous>:1'], name);
      }
    });
  });
}
