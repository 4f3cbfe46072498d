import assert from 'node:assert/strict';
import { fitSeries } from '../../../../bench/report/fits.ts';
import type { Row } from '../../../../bench/support/scenario.ts';
import { makeRow } from './make-report.ts';

const rowsOf = (values: readonly (readonly [x: number, values: readonly number[]])[]): Row[] =>
  values.map(([x, list]) => makeRow({ variant: 'hotspan', x, values: list }));
const fit = (expects: 'linear' | 'flat', rows: readonly Row[]) => fitSeries({ measure: 'the call', expects, per: 'Hz' }, rows, 'hotspan');

describe('bench fitSeries', () => {
  it('finds a straight line through the rounds', () => {
    const result = fit('linear', rowsOf([[100, [1, 1.1, 0.9]], [500, [5, 5.1, 4.9]], [1000, [10, 10.1, 9.9]]]));
    assert.ok(result);
    assert.equal(result.holds, true);
    assert.ok(Math.abs(result.slope.median - 0.01) < 1e-6);
    assert.deepEqual(result.ends.map(([x]) => x), [100, 1000]);
  });

  it('takes a curve for none', () => assert.equal(fit('linear', rowsOf([[1, [1, 1, 1]], [2, [50, 50, 50]], [3, [1, 1, 1]]]))?.holds, false));

  it('tells growth from noise', () => {
    assert.equal(fit('flat', rowsOf([[1, [5, 6, 4]], [1000, [5.5, 4.5, 5]]]))?.holds, true);
    assert.equal(fit('flat', rowsOf([[1, [5, 6, 4]], [1000, [15, 16, 14]]]))?.holds, false);
    assert.equal(fit('flat', rowsOf([[1, [15, 16, 14]], [1000, [5, 6, 4]]]))?.holds, true);
  });

  it('leaves out a round that lacks a level and judges none of fewer than three', () => {
    const result = fit('flat', rowsOf([[1, [5, NaN, 4]], [1000, [5, 5, 5]]]));
    assert.deepEqual([result?.holds, result?.change.n], [undefined, 2]);
  });

  it('judges no series that is only told', () => {
    const result = fitSeries({ measure: 'the call', expects: 'open', per: 'frame' }, rowsOf([[1, [1, 1, 1]], [2, [9, 9, 9]]]), 'hotspan');
    assert.deepEqual([result?.holds, result?.slope.median], [undefined, 8]);
  });

  it('has nothing to say without levels', () => assert.equal(fit('flat', []), undefined));
});
