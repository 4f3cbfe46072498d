import assert from 'node:assert/strict';
import { createProgress } from '../../../src/cli/progress.ts';

describe('createProgress', () => {
  const clock = { ms: 0 };
  const on = (isTTY: boolean) => {
    const written: string[] = [];
    clock.ms = 0;
    const progress = createProgress({ isTTY, write: (text) => written.push(text) }, 'merging', () => clock.ms);
    return { progress, written };
  };

  it('writes nothing where there is no terminal', () => {
    const { progress, written } = on(false);
    clock.ms = 5000;
    progress.update('merging more');
    progress.stop();
    assert.deepEqual(written, []);
  });

  it('shows nothing for work that ends soon', () => {
    const { progress, written } = on(true);
    clock.ms = 250;
    progress.update('merging more');
    progress.stop();
    assert.deepEqual(written, []);
  });

  it('shows what is done and for how long, then clears the line', () => {
    const { progress, written } = on(true);
    clock.ms = 1500;
    progress.update('merging 2 of 3');
    progress.stop();
    assert.equal(written.length, 2);
    assert.match(written[0] ?? '', /merging 2 of 3 \(1\.5 s\)$/);
    assert.equal(written[1], '\r\u001b[K');
  });
});
