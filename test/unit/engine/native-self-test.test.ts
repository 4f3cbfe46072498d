import assert from 'node:assert/strict';

import type { OwnSample } from '../../../src/engine/addon.ts';
import { NativeSelfTest } from '../../../src/engine/native-self-test.ts';

const right: OwnSample = {
  frames: [{ name: 'selfTestInner', line: 4 }, { name: 'selfTestOuter', line: 8 }, { name: 'selfTestDriver', line: 0 }],
  inlined: 1,
  tableFull: false,
};

/** The state after `steps`, when each sample is this one. */
function stateAfter(sample: OwnSample | undefined, steps = 1): string {
  const test = new NativeSelfTest(() => sample);
  for (let i = 0; i < steps; i++) test.step();
  return test.state;
}

describe('NativeSelfTest', () => {
  it('passes what has names and lines, once functions were seen inlined', () => {
    assert.equal(stateAfter({ ...right, inlined: 0 }), 'running');
    assert.equal(stateAfter(right), 'passed');
  });

  for (const [what, sample] of Object.entries<OwnSample>({
    'another name': { ...right, frames: [{ name: 'other', line: 4 }, ...right.frames.slice(1)] },
    'another line': { ...right, frames: [{ name: 'selfTestInner', line: 5 }, ...right.frames.slice(1)] },
    'a frame less': { ...right, frames: right.frames.slice(0, 1) },
    nothing: { ...right, frames: [] },
  })) {
    it(`fails with ${what}`, () => assert.equal(stateAfter(sample), 'failed'));
  }

  it('fails once the signal did not come five times', () => {
    assert.equal(stateAfter(undefined, 4), 'running');
    assert.equal(stateAfter(undefined, 5), 'failed');
  });

  // A process that made half a million functions: those of the test find no room, which says nothing of the engine.
  it('passes without a look when the table of functions is full', () => {
    assert.equal(stateAfter({ frames: [], inlined: 0, tableFull: true }), 'passed');
  });
});
