import { setTimeout as sleep } from 'node:timers/promises';
import { burn } from './burn.mjs';

function burnInSync() { return burn(150); }
function burnAfterAwait() { return burn(150); }
function burnInCallback() { return burn(150); }

describe('shop', () => {
  describe('cart', () => {
    it('adds', () => void burnInSync());
    it('waits', async () => {
      await sleep(5);
      burnAfterAwait();
    });
  });
  it('calls back', (done) => {
    setTimeout(() => {
      burnInCallback();
      done();
    }, 5);
  });
  it('fails', () => {
    throw new Error('as it should');
  });
  it('takes too long', async function () {
    this.timeout(50);
    await sleep(300);
  });
  let tries = 0;
  it('is tried again', function () {
    this.retries(1);
    if (tries++ === 0) throw new Error('first');
  });
  it('is pending');
});
