import type { Row } from '../support/scenario.ts';
import { estimate, present, type Estimate } from '../support/statistics.ts';
import { variants } from '../support/variants.ts';
import { formatNumber } from './format.ts';
import type { BarPlot, LinePlot, Plot } from './plot-types.ts';
import { linearScale, logScale } from './scale.ts';
import { circle, line, polyline, rect, svg, text } from './svg.ts';

const width = 760;
const classOf = (variant: string): number => variants.findIndex(({ id }) => id === variant);
const titleOf = (variant: string): string => variants.find(({ id }) => id === variant)?.title ?? variant;

/** The image of a plot, SVG; undefined when there is nothing to draw. */
export function drawPlot(plot: Plot, rows: readonly Row[]): string | undefined {
  return plot.kind === 'bars' ? drawBars(plot, rows) : drawLines(plot, rows);
}

interface Bar {
  readonly variant: string;
  readonly estimate: Estimate;
  readonly missing: string | undefined;
}

function drawBars({ title, measures, log = false }: BarPlot, rows: readonly Row[]): string | undefined {
  const groups = measures.flatMap((measure) => {
    const own = rows.filter((row) => row.measure === measure && row.x === undefined);
    const bars = own.map(({ variant, values, missing }): Bar => ({ variant, estimate: estimate(values), missing: present(values).length > 0 ? undefined : (missing ?? 'no value') }));
    return bars.length === 0 ? [] : [{ measure, unit: own[0]?.unit ?? '', bars }];
  });
  if (groups.length === 0) return undefined;
  const [left, right, barHeight] = [150, width - 90, 18];
  const drawn = groups.flatMap(({ bars }) => bars.filter(({ missing }) => missing === undefined).flatMap(({ estimate: { low, high } }) => [low, high]));
  const scale = log ? logScale(drawn, left, right) : linearScale(drawn, left, right);
  const parts: string[] = [];
  let y = 40;
  for (const { measure, unit, bars } of groups) {
    parts.push(text(0, y, `${measure}${unit === '' ? '' : `, ${unit}`}`, 'faint'));
    y += 8;
    for (const bar of bars) {
      parts.push(...drawBar(bar, y, barHeight, left, scale.at, log ? left : scale.at(0)));
      y += barHeight + 4;
    }
    y += 24;
  }
  const bottom = y - 20;
  const grid = scale.ticks.flatMap((tick) => [line(scale.at(tick), 44, scale.at(tick), bottom, 'grid'), text(scale.at(tick), bottom + 16, formatNumber(tick), 'faint', 'middle')]);
  return svg(width, bottom + 26, log ? `${title} (logarithmic)` : title, [...grid, ...parts]);
}

function drawBar({ variant, estimate: { median, low, high, n }, missing }: Bar, y: number, height: number, left: number, at: (value: number) => number, zero: number): string[] {
  const label = text(left - 8, y + 13, titleOf(variant), '', 'end');
  // A reason of many words would not fit: it stands in the table.
  if (missing !== undefined) return [label, text(left + 6, y + 13, missing.length > 90 ? `${missing.slice(0, 88)}…` : missing, 'faint')];
  const end = at(median);
  return [
    label,
    rect(Math.min(zero, end), y, Math.abs(end - zero), height, `f${classOf(variant)}`),
    ...(n > 1 ? [line(at(low), y + height / 2, at(high), y + height / 2, 'whisker')] : []),
    text(Math.max(at(high), end, zero) + 6, y + 13, formatNumber(median)),
  ];
}

function drawLines({ title, measure, xLabel, logX = false, logY = false }: LinePlot, rows: readonly Row[]): string | undefined {
  const own = rows.filter((row) => row.measure === measure && row.x !== undefined && present(row.values).length > 0);
  if (own.length === 0) return undefined;
  const points = own.map(({ variant, x, values }) => ({ variant, x: x ?? 0, ...estimate(values) }));
  const [left, right, top, bottom] = [70, width - 20, 64, 300];
  const scaleX = logX ? logScale(points.map(({ x }) => x), left, right) : linearScale(points.map(({ x }) => x), left, right);
  const ys = points.flatMap(({ low, high }) => [low, high]);
  const scaleY = logY ? logScale(ys, bottom, top) : linearScale(ys, bottom, top);
  const shown = variants.filter(({ id }) => points.some(({ variant }) => variant === id));
  const series = shown.flatMap(({ id }, i) => {
    const mine = points.filter(({ variant }) => variant === id).toSorted((a, b) => a.x - b.x);
    const [key, legendX] = [classOf(id), left + i * 150];
    return [
      polyline(mine.map(({ x, median }) => [scaleX.at(x), scaleY.at(median)]), `s${key}`),
      ...mine.flatMap(({ x, median, low, high }) => [line(scaleX.at(x), scaleY.at(low), scaleX.at(x), scaleY.at(high), `s${key}`), circle(scaleX.at(x), scaleY.at(median), `f${key}`)]),
      rect(legendX, 31, 12, 12, `f${key}`),
      text(legendX + 17, 41, titleOf(id)),
    ];
  });
  const grid = [
    ...scaleY.ticks.flatMap((tick) => [line(left, scaleY.at(tick), right, scaleY.at(tick), 'grid'), text(left - 8, scaleY.at(tick) + 4, formatNumber(tick), 'faint', 'end')]),
    ...scaleX.ticks.map((tick, i) => text(scaleX.at(tick), bottom + 18, formatNumber(tick), 'faint', i === scaleX.ticks.length - 1 ? 'end' : 'middle')),
    text(right, bottom + 36, xLabel, 'faint', 'end'),
    text(left, top - 4, own[0]?.unit ?? '', 'faint'),
  ];
  return svg(width, bottom + 44, logY ? `${title} (logarithmic)` : title, [...grid, ...series]);
}
