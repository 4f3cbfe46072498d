import { formatNumber } from '../report/format.ts';
import type { Row } from './scenario.ts';
import { estimate, holds, present } from './statistics.ts';

const header = ['measure', 'variant', 'median', 'unit', '95% interval', 'n', 'bar', ''];

/** Rows as a table of plain text. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [header, ...rows.map(cells)];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const numeric = new Set([2, 5]);
  return lines
    .map((line) => line.map((cell, column) => pad(cell, widths[column] ?? 0, numeric.has(column))).join('  '))
    .map((line) => `  ${line.trimEnd()}\n`)
    .join('');
}

function cells({ measure, variant, unit, values, bar, x, missing }: Row): string[] {
  const what = x === undefined ? measure : `${measure}: ${formatNumber(x)}`;
  const there = present(values);
  if (there.length === 0) return [what, variant, '-', unit, missing ?? 'no value', '0', '', ''];
  const { median, low, high, n } = estimate(there);
  const barText = bar === undefined ? '' : 'atMost' in bar ? `<= ${formatNumber(bar.atMost)}` : `>= ${formatNumber(bar.atLeast)}`;
  const verdict = bar === undefined ? '' : holds(values, bar) ? 'pass' : 'FAIL';
  return [what, variant, formatNumber(median), unit, `${formatNumber(low)} .. ${formatNumber(high)}`, String(n), barText, verdict];
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
