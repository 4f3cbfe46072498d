import assert from 'node:assert/strict';
import { judge, kept } from '../../../../bench/report/judge.ts';
import type { Row } from '../../../../bench/support/scenario.ts';
import { makeReport, makeRow } from './make-report.ts';

function standingOf(own: readonly number[], peer: readonly number[], more: Partial<Row> = {}): string | undefined {
  return judge(makeReport([makeRow({ variant: 'hotspan', values: own, ...more }), makeRow({ variant: 'datadog', values: peer })]))[0]?.standing;
}

describe('bench judge', () => {
  it('is ahead or behind only when the whole interval is on that side', () => {
    assert.equal(standingOf([1, 1.1, 0.9], [2, 2.1, 1.9]), 'ahead');
    assert.equal(standingOf([2, 2.1, 1.9], [1, 1.1, 0.9]), 'behind');
    assert.equal(standingOf([1, 3, 1], [2, 2, 2]), 'unclear');
  });

  it('turns round where more is better', () => {
    assert.equal(standingOf([2, 2.1, 1.9], [1, 1.1, 0.9], { moreIsBetter: true }), 'ahead');
    assert.equal(standingOf([1, 1.1, 0.9], [2, 2.1, 1.9], { moreIsBetter: true }), 'behind');
  });

  it('compares by difference what may be zero or below', () => {
    assert.equal(standingOf([0, -1, 0], [5, 6, 5], { compare: 'difference' }), 'ahead');
    assert.equal(standingOf([0, 0, 0], [0, 0, 0], { compare: 'difference' }), 'unclear');
  });

  it('says nothing of fewer than three pairs', () => {
    assert.equal(standingOf([1, 1], [2, 2]), 'unjudged');
    assert.equal(standingOf([1, NaN, 1], [2, 2, 2]), 'unjudged');
  });

  it('keeps the reason of a peer without values', () => {
    const rows = [makeRow({ variant: 'hotspan', values: [1, 1, 1] }), makeRow({ variant: 'inspector', values: [], missing: 'has no labels' })];
    const [verdict] = judge(makeReport(rows));
    assert.deepEqual([verdict?.standing, verdict?.missing], ['missing', 'has no labels']);
  });

  it('leaves out series over an axis and measures that hotspan has not', () => {
    const rows = [makeRow({ variant: 'hotspan', values: [1], x: 5 }), makeRow({ variant: 'datadog', values: [2], x: 5 }), makeRow({ variant: 'datadog', values: [2] })];
    assert.deepEqual(judge(makeReport(rows)), []);
  });

  it('keeps a claim by being ahead; that of throughput also by no difference', () => {
    assert.equal(kept({ claim: 'memory', standing: 'ahead' }), true);
    assert.equal(kept({ claim: 'memory', standing: 'unclear' }), false);
    assert.equal(kept({ claim: 'throughput', standing: 'unclear' }), true);
    assert.equal(kept({ claim: 'throughput', standing: 'behind' }), false);
    assert.equal(kept({ claim: 'memory', standing: 'missing' }), undefined);
  });
});
