import assert from 'node:assert/strict';
import { mock } from 'node:test';

import { startOfPeriod } from '../../../src/profiler/period-start.ts';

describe('startOfPeriod', () => {
  afterEach(() => mock.timers.reset());

  for (const [what, nowMs] of [['set back', 0], ['set forward', 4e12]] as const) {
    it(`measures a period in which the calendar clock was ${what}`, () => {
      const beforeMs = Date.now();
      const period = startOfPeriod();
      assert.ok(period.startMs >= beforeMs && period.startMs <= Date.now());
      mock.timers.enable({ apis: ['Date'], now: nowMs });
      const began = performance.now();
      while (performance.now() < began + 20);
      const tookMs = period.endMs() - period.startMs;
      assert.ok(tookMs >= 20 && tookMs < 60_000, `took ${tookMs} ms`);
    });
  }
});
