import assert from 'node:assert/strict';
import { compareVariants, rowsOf } from '../../../../bench/support/compare-variants.ts';
import { seededRandom } from '../../../../bench/support/random.ts';
import type { BenchContext } from '../../../../bench/support/scenario.ts';

function contextOf(notes: string[] = []): BenchContext {
  return { node: { path: 'node', version: 'v24.0.0', major: 24 }, quick: false, rounds: 2, random: seededRandom(1), note: (line) => notes.push(line), progress: () => {} };
}

const costs: Readonly<Record<string, number>> = { none: 10, hotspan: 11, datadog: 15, pyroscope: 14, inspector: 13, 'cpu-prof': 12 };

describe('bench compareVariants', () => {
  it('shows a peer that lacks something with its reason and never runs it', async () => {
    const ran = new Set<string>();
    const outcomes = await compareVariants(contextOf(), { needs: 'labels', rounds: 2 }, async ({ id }) => {
      ran.add(id);
      return costs[id] ?? 0;
    });
    assert.deepEqual([...ran].toSorted(), ['datadog', 'hotspan', 'none']);
    const rows = rowsOf(outcomes, { measure: 'm', unit: 'ms', pick: (cost) => cost });
    assert.deepEqual(rows.map(({ variant }) => variant), ['none', 'hotspan', 'datadog', 'pyroscope', 'inspector', 'cpu-prof']);
    assert.match(rows.find(({ variant }) => variant === 'pyroscope')?.missing ?? '', /asynchronous/);
  });

  it('shows a peer that fails with what it said', async () => {
    const notes: string[] = [];
    const outcomes = await compareVariants(contextOf(notes), { rounds: 2 }, async ({ id }) => {
      if (id === 'datadog') throw new Error('no addon for this Node\nat line 1');
      return costs[id] ?? 0;
    });
    const row = rowsOf(outcomes, { measure: 'm', unit: 'ms', pick: (cost) => cost }).find(({ variant }) => variant === 'datadog');
    assert.equal(row?.missing, 'failed: no addon for this Node');
    assert.ok(row.values.every(Number.isNaN));
    assert.deepEqual(notes, ['@datadog/pprof failed in 2 of 2 rounds: no addon for this Node']);
  });

  it('fails when hotspan fails', async () => {
    const failing = compareVariants(contextOf(), { rounds: 1 }, async ({ id }) => {
      if (id === 'hotspan') throw new Error('broken');
      return 1;
    });
    await assert.rejects(failing, /broken/);
  });

  it('states what there is above the same round without a profiler', async () => {
    const outcomes = await compareVariants(contextOf(), { rounds: 2 }, async ({ id }) => costs[id] ?? 0);
    const of = (above: 'difference' | 'percent'): readonly number[] | undefined =>
      rowsOf(outcomes, { measure: 'm', unit: '', pick: (cost) => cost, above }).find(({ variant }) => variant === 'datadog')?.values;
    assert.deepEqual(of('difference'), [5, 5]);
    assert.deepEqual(of('percent'), [50, 50]);
  });
});
