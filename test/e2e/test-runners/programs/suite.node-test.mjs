import { describe, it, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { burn } from './burn.mjs';

function burnInSync() { return burn(150); }
function burnAfterAwait() { return burn(150); }
function burnInCallback() { return burn(150); }

describe('shop', () => {
  it('adds', () => void burnInSync());
  it('waits', async () => {
    await sleep(5);
    burnAfterAwait();
  });
  it('calls back', (t, done) => {
    setTimeout(() => {
      burnInCallback();
      done();
    }, 5);
  });
});
test('fails', () => {
  throw new Error('as it should');
});
test('takes too long', { timeout: 50 }, () => sleep(300));
