import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { leastProbability, rankTest, shift } from '../../../src/ci/rank-test.ts';

/** Counts every way to choose head's runs: slow, and plainly what the test means. */
function slowRankTest(base: readonly number[], head: readonly number[]): number {
  const all = [...base, ...head];
  const rank = (value: number): number => all.filter((other) => other < value).length + (all.filter((other) => other === value).length + 1) / 2;
  const ranks = all.map(rank);
  const seen = ranks.slice(base.length).reduce((sum, each) => sum + each, 0);
  let [atLeast, count] = [0, 0];
  for (let chosen = 0; chosen < 2 ** all.length; chosen++) {
    const picked = ranks.filter((_, index) => (chosen >> index) & 1);
    if (picked.length !== head.length) continue;
    count += 1;
    if (picked.reduce((sum, each) => sum + each, 0) >= seen - 1e-9) atLeast += 1;
  }
  return atLeast / count;
}

describe('rankTest', () => {
  it('gives the exact probability, ties included', () => {
    const values = fc.array(fc.nat(6), { minLength: 1, maxLength: 5 });
    fc.assert(fc.property(values, values, (base, head) => {
      assert.ok(Math.abs(rankTest(base, head) - slowRankTest(base, head)) < 1e-12);
    }));
  });

  it('knows textbook values', () => {
    assert.equal(rankTest([1, 2, 3], [4, 5, 6]), 1 / 20);
    assert.equal(rankTest([4, 5, 6], [1, 2, 3]), 1);
    assert.equal(leastProbability(10, 10), 1 / 184_756);
    assert.equal(rankTest([], [1]), 1);
  });

  it('goes on smoothly where the normal approximation begins', () => {
    const pairs = (runs: number, by: number): number => rankTest(
      Array.from({ length: runs }, (_, i) => 2 * i),
      Array.from({ length: runs }, (_, i) => 2 * i + by),
    );
    // One run more makes the same relative shift a little surer, and no more than a little.
    for (const part of [0.05, 0.1, 0.3]) {
      const [before, exact, approximate] = [39, 40, 41].map((runs) => Math.log(pairs(runs, 2 * Math.round(part * runs) + 1)));
      assert.ok(Math.abs(approximate! - exact!) < 0.15 * Math.abs(exact!) + Math.abs(exact! - before!), `${exact} ${approximate}`);
    }
  });
});

describe('shift', () => {
  it('is the median of all differences, in an interval that holds it', () => {
    assert.deepEqual(shift([10, 20, 30], [15, 25, 35]).estimate, 5);
    assert.deepEqual(shift([1, 2], [3, 4]), { estimate: 2, low: -Infinity, high: Infinity });
  });

  it('has an interval that agrees with the test: it leaves 0 out when either side is sure', () => {
    const values = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 6, maxLength: 8 });
    fc.assert(fc.property(values, values, fc.integer({ min: -80, max: 80 }), (base, raw, by) => {
      const head = raw.map((value) => value + by);
      // Ties make the test coarser than the interval.
      fc.pre(new Set([...base, ...head]).size === base.length + head.length);
      const { low, high } = shift(base, head);
      assert.equal(low > 0, rankTest(base, head) <= 0.025);
      assert.equal(high < 0, rankTest(head, base) <= 0.025);
    }));
  });
});
