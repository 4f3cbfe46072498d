import assert from 'node:assert/strict';
import { compareReports, describeComparison } from '../../../../bench/report/compare-reports.ts';
import type { Report } from '../../../../bench/report/report.ts';
import { makeReport, makeRow } from './make-report.ts';

const reportOf = (hotspan: readonly number[], datadog: readonly number[]): Report =>
  makeReport([makeRow({ variant: 'hotspan', values: hotspan }), makeRow({ variant: 'datadog', values: datadog })]);

describe('bench compareReports', () => {
  it('agrees when the stated intervals overlap, those of comparisons included', () => {
    const comparison = compareReports(reportOf([1, 1.2, 1.1], [2, 2.2, 2.1]), reportOf([1.1, 1.3, 1.15], [2.1, 2, 2.3]));
    assert.deepEqual([comparison.holds, comparison.share, comparison.agreements.length], [true, 1, 3]);
    assert.match(describeComparison(comparison), /3 of 3 stated intervals overlap.*\n0 verdicts turned round\nthe two runs agree/);
  });

  it('disagrees and names what is apart', () => {
    const comparison = compareReports(reportOf([1, 1.2, 1.1], [2, 2.2, 2.1]), reportOf([1, 1.2, 1.1], [5, 5.2, 5.1]));
    assert.equal(comparison.holds, false);
    assert.match(describeComparison(comparison), /apart: stall \| the call \| datadog: 1\.83 \.\. 2\.37, then 4\.83 \.\. 5\.37/);
  });

  it('disagrees when a verdict turns round', () => {
    const { holds, turned } = compareReports(reportOf([1, 1.2, 1.1], [2, 2.2, 2.1]), reportOf([2, 2.2, 2.1], [1, 1.2, 1.1]));
    assert.deepEqual([holds, turned], [false, ['stall | the call | datadog: ahead, then behind']]);
  });

  it('claims nothing of reports that have nothing in common', () => {
    const comparison = compareReports(reportOf([1, 1, 1], [2, 2, 2]), makeReport([]));
    assert.deepEqual([comparison.holds, comparison.agreements], [false, []]);
    assert.match(describeComparison(comparison), /nothing can be said/);
  });
});
