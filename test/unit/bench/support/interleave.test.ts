import assert from 'node:assert/strict';
import { interleave, succeeded } from '../../../../bench/support/interleave.ts';
import { seededRandom } from '../../../../bench/support/random.ts';

async function orderOf(seed: number): Promise<string[]> {
  const order: string[] = [];
  await interleave({ variants: ['a', 'b', 'c'], rounds: 6, random: seededRandom(seed) }, async (variant) => void order.push(variant));
  return order;
}

describe('bench interleave', () => {
  it('runs each variant once a round, in an order that changes and that the seed gives', async () => {
    const order = await orderOf(1);
    const rounds = Array.from({ length: 6 }, (_, i) => order.slice(3 * i, 3 * i + 3));
    for (const round of rounds) assert.deepEqual(round.toSorted(), ['a', 'b', 'c']);
    assert.ok(new Set(rounds.map((round) => round.join(''))).size > 1);
    assert.deepEqual(await orderOf(1), order);
    assert.notDeepEqual(await orderOf(2), order);
  });

  it('pairs results by round, failures included', async () => {
    let runs = 0;
    const results = await interleave({ variants: ['a', 'b'], rounds: 3, random: seededRandom(3) }, async (variant) => {
      const round = Math.floor(runs++ / 2);
      if (variant === 'b' && round === 1) throw new Error('no luck');
      return round;
    });
    assert.deepEqual(results.get('a'), [0, 1, 2]);
    assert.deepEqual(results.get('b')?.map((round) => (round instanceof Error ? round.message : round)), [0, 'no luck', 2]);
    assert.throws(() => succeeded(results), /no luck/);
  });

  it('runs the variants of a round at the same time when asked to', async () => {
    let running = 0;
    let most = 0;
    await interleave({ variants: ['a', 'b', 'c'], rounds: 2, random: seededRandom(1), sideBySide: true }, async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
    });
    assert.equal(most, 3);
  });

  it('tells how far it is', async () => {
    const told: string[] = [];
    await interleave({ variants: ['a', 'b'], rounds: 2, random: seededRandom(1), progress: (done, all) => told.push(`${done}/${all}`) }, async () => {});
    assert.deepEqual(told, ['1/4', '2/4', '3/4', '4/4']);
  });
});
