import assert from 'node:assert/strict';
import fc from 'fast-check';
import { seededRandom } from '../../../../bench/support/random.ts';
import { bootstrap, differences, estimate, fitLine, holds, median, quantile, ratios, trimmedMean } from '../../../../bench/support/statistics.ts';

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });

describe('bench statistics', () => {
  it('takes the middle value, or the mean of the two', () => {
    assert.equal(median([5, 1, 3]), 3);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.ok(Number.isNaN(median([])));
  });

  it('leaves out the tenth of the values at each end', () => {
    assert.equal(trimmedMean([100, 1, 2, 3, 4, 5, 6, 7, 8, -100], 0.1), 4.5);
    assert.equal(trimmedMean([1, 2, 6], 0.1), 3);
    assert.ok(Number.isNaN(trimmedMean([], 0.1)));
  });

  it('means the same without stalls, however long, as long as they are few', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 1, max: 2, noNaN: true }), { minLength: 20, maxLength: 40 }), fc.double({ min: 10, max: 1e6, noNaN: true }), (values, stall) => {
      const mean = trimmedMean([...values, stall], 0.1);
      assert.ok(mean >= Math.min(...values) && mean <= Math.max(...values));
    }), { numRuns: 50 });
  });

  it('gives an interval that holds the median and is the same each time', () => {
    fc.assert(fc.property(numbers, (values) => {
      const { median: middle, low, high, n } = estimate(values);
      assert.ok(low <= middle && middle <= high);
      assert.equal(n, values.length);
      assert.deepEqual(estimate(values), estimate(values));
    }), { numRuns: 50 });
  });

  for (const n of [3, 5, 15]) {
    it(`covers the true median in about 95% of the samples of ${n}`, () => {
      const random = seededRandom(n);
      const trials = 200;
      const covered = Array.from({ length: trials }, () => estimate(Array.from({ length: n }, random))).filter(({ low, high }) => low <= 0.5 && high >= 0.5).length;
      assert.ok(covered >= 0.9 * trials && covered < trials, `${covered} of ${trials}`);
    });
  }

  it('leaves out rounds that failed', () => {
    const { median: middle, n } = estimate([1, NaN, 3, NaN, 2]);
    assert.deepEqual([middle, n], [2, 3]);
  });

  it('tells no interval of one value', () => assert.deepEqual(estimate([7]), { median: 7, low: 7, high: 7, n: 1 }));

  it('pairs values of the same round', () => {
    assert.deepEqual(differences([5, 7], [1, 2, 3]), [4, 5]);
    assert.deepEqual(ratios([6, 8], [2, 4]), [3, 2]);
  });

  it('bootstraps any statistic of any values', () => {
    const { median: sum, low, high } = bootstrap([{ v: 1 }, { v: 2 }, { v: 3 }], (drawn) => drawn.reduce((total, { v }) => total + v, 0));
    assert.deepEqual([sum, low < 6, high > 6], [6, true, true]);
  });

  it('takes quantiles from the sorted values', () => assert.deepEqual([0, 0.5, 1].map((share) => quantile([3, 1, 2], share)), [1, 2, 3]));

  it('holds medians against bars', () => {
    assert.equal(holds([1, NaN, 3, 2], { atMost: 2 }), true);
    assert.equal(holds([1, 3, 2], { atLeast: 2.5 }), false);
  });

  it('finds the line that points lie on', () => {
    fc.assert(fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }), (slope, intercept) => {
      const line = fitLine([0, 1, 5, 9].map((x) => ({ x, y: slope * x + intercept })));
      assert.ok(Math.abs(line.slope - slope) < 1e-9 && Math.abs(line.intercept - intercept) < 1e-9 && line.r2 > 0.999999);
    }));
    const { r2 } = fitLine([{ x: 0, y: 0 }, { x: 1, y: 5 }, { x: 2, y: 0 }]);
    assert.ok(r2 < 0.01);
  });
});
