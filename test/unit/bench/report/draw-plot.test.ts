import assert from 'node:assert/strict';
import fc from 'fast-check';
import { drawPlot } from '../../../../bench/report/draw-plot.ts';
import { linearScale, logScale } from '../../../../bench/report/scale.ts';
import { makeRow } from './make-report.ts';

const bars = { kind: 'bars', file: 'f', title: 'Start & <stop>', measures: ['the call'] } as const;

describe('bench drawPlot', () => {
  it('draws a bar with its value for each variant, and the reason of one that has none', () => {
    const image = drawPlot(bars, [
      makeRow({ variant: 'hotspan', values: [1, 2, 3] }),
      makeRow({ variant: 'datadog', values: [190, 200, 210] }),
      makeRow({ variant: 'cpu-prof', values: [], missing: 'nothing to start' }),
    ]);
    assert.ok(image);
    assert.equal(image.match(/<rect /g)?.length, 2);
    for (const text of ['hotspan', '@datadog/pprof', '--cpu-prof', '>2<', '>200<', 'nothing to start', 'Start &amp; &lt;stop&gt;']) assert.ok(image.includes(text), text);
  });

  it('is readable on dark pages', () => assert.match(drawPlot(bars, [makeRow({ variant: 'none', values: [1] })]) ?? '', /prefers-color-scheme: dark/));

  it('draws lines over an axis', () => {
    const plot = { kind: 'lines', file: 'f', title: 't', measure: 'the call', xLabel: 'Hz' } as const;
    const image = drawPlot(plot, [1, 2, 3].flatMap((x) => [makeRow({ variant: 'hotspan', x, values: [x] }), makeRow({ variant: 'inspector', x, values: [9 * x] })]));
    assert.equal(image?.match(/<polyline /g)?.length, 2);
    assert.equal(image.match(/<circle /g)?.length, 6);
  });

  it('draws nothing of nothing', () => assert.equal(drawPlot(bars, []), undefined));

  it('never writes what is no number, whatever the values', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), fc.boolean(), (values, log) => {
      const image = drawPlot({ ...bars, log }, [makeRow({ variant: 'hotspan', values })]);
      assert.doesNotMatch(image ?? '', /NaN|Infinity|undefined/);
    }), { numRuns: 100 });
  });
});

describe('bench scales', () => {
  it('holds all values and zero, with round ticks', () => {
    const { at, ticks } = linearScale([3, 47], 0, 100);
    assert.deepEqual(ticks, [0, 20, 40, 60]);
    assert.deepEqual([at(0), at(60)], [0, 100]);
  });

  it('shows what is below zero', () => assert.deepEqual(linearScale([-5, 5], 0, 100).ticks, [-5, 0, 5]));

  it('has a tick for each power of ten, and puts zero at the low end', () => {
    const { at, ticks } = logScale([0.2, 300], 0, 100);
    assert.deepEqual(ticks, [0.1, 1, 10, 100, 1000]);
    assert.deepEqual([at(0), at(0.1), at(1000)], [0, 0, 100]);
  });
});
