import assert from 'node:assert/strict';

import { utcStamp } from '../../../src/delivery/utc-stamp.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const reference = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d+Z$/g, '');

describe('utcStamp', () => {
  it('is what a Date says', () => {
    const random = seededRandom(1);
    const days = ['1970-01-01', '1999-12-31', '2000-02-29', '2000-03-01', '2024-02-29', '2026-12-01', '2100-02-28', '2100-03-01', '2400-02-29'];
    for (const day of days) for (const time of ['00:00:00.000Z', '23:59:59.999Z']) {
      const ms = Date.parse(`${day}T${time}`);
      assert.equal(utcStamp(ms), reference(ms));
    }
    for (let i = 0; i < 2000; i++) {
      const ms = Math.floor(random() * 4e12);
      assert.equal(utcStamp(ms), reference(ms));
    }
  });
});
