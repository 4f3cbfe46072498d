import assert from 'node:assert/strict';
import { renderReport } from '../../../../bench/report/render-report.ts';
import type { Scenario } from '../../../../bench/support/scenario.ts';
import { makeReport, makeRow } from './make-report.ts';

const scenario: Scenario = {
  name: 'stall',
  title: 'how long start takes',
  about: 'A profiler starts.',
  plots: [{ kind: 'bars', file: 'start', title: 'Start', measures: ['the call'] }],
  run: () => Promise.resolve([]),
};
const claimed = { claim: 'start stall', bar: { atMost: 5 } } as const;
const rows = [
  makeRow({ variant: 'none', values: [0, 0, 0] }),
  makeRow({ variant: 'hotspan', values: [4, 5, 4.5], ...claimed }),
  makeRow({ variant: 'datadog', values: [190, 210, 200] }),
  makeRow({ variant: 'pyroscope', values: [2, 2.1, 2.2] }),
  makeRow({ variant: 'cpu-prof', values: [], missing: 'nothing to start' }),
];

describe('bench renderReport', () => {
  const { markdown, images } = renderReport(makeReport(rows), [scenario]);

  it('states machine, versions, commit and rates', () => {
    for (const text of ['some processor', 'v24.0.0', 'commit abc', '99 Hz', 'seed 1', '0.1.0']) assert.ok(markdown.includes(text), text);
  });

  it('has every variant in the table, also one that cannot, with its reason', () => {
    assert.match(markdown, /\| the call, ms \| 0 \(0 to 0\) \| 4\.50 \(3\.16 to 5\.84\) \| 200 \(173 to 227\) \| 2\.10 .* \| — <sup>1<\/sup> \| at most 5: held \|/);
    assert.ok(markdown.includes('<sup>1</sup> --cpu-prof: nothing to start'));
  });

  it('says where hotspan is ahead and where it is not, and that a cause is missing', () => {
    assert.match(markdown, /\| start stall \(ahead\) \| yes, in all 1 \| in 0 of 1, \*\*behind in 1\*\* \| not measured \| no such feature \|/);
    assert.match(markdown, /- stall, the call, @pyroscope\/nodejs: behind, .* times the peer's\. The cause is not known yet\./);
  });

  it('shows its images', () => {
    assert.ok(markdown.includes('![Start](images/start.svg)'));
    assert.match(images.get('start.svg') ?? '', /^<svg /);
  });

  it('shows a scenario that failed with its reason', () => {
    const { markdown: text } = renderReport(makeReport([], { failure: 'no addon' }), [scenario]);
    assert.ok(text.includes('This scenario failed: no addon'));
  });

  it('states how a second run agreed', () => {
    const { markdown: text } = renderReport(makeReport(rows), [scenario], makeReport(rows));
    assert.match(text, /overlap with these in 6 of 6 cases .* The two runs agree\./);
  });

  it('takes being behind for chance only where a second run does not find it', () => {
    const behind = (again: number[]): string => {
      const second = makeReport(rows.map((row) => (row.variant === 'pyroscope' ? { ...row, values: again } : row)));
      return /- stall, the call, @pyroscope.*/.exec(renderReport(makeReport(rows), [scenario], second).markdown)?.[0] ?? '';
    };
    assert.match(behind([2, 9, 4]), /: behind, .* Not found again in the second run \(unclear, /);
    assert.match(behind([2, 2.1, 2.2]), /The cause is not known yet\.$/);
  });

  it('leaves out scenarios that are not for it', () => {
    const { about: _, ...alone } = scenario;
    assert.doesNotMatch(renderReport(makeReport(rows), [alone]).markdown, /## Stall/);
  });
});
