import { describe, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { burn } from './burn.mjs';

function burnInSync() { return burn(150); }
function burnAfterAwait() { return burn(150); }

describe('shop', () => {
  describe('cart', () => {
    it('adds', () => void burnInSync());
    it('waits', async () => {
      await sleep(5);
      burnAfterAwait();
    });
  });
  it('fails', () => {
    throw new Error('as it should');
  });
  it('takes too long', { timeout: 50 }, () => sleep(300));
});
