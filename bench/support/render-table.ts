import type { Row } from './scenario.ts';
import { holds, median } from './statistics.ts';

const header = ['measure', 'variant', 'median', 'unit', 'spread', 'n', 'bar', ''];

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

function cells({ measure, variant, unit, values, bar }: Row): string[] {
  const spread = `${format(Math.min(...values))} .. ${format(Math.max(...values))}`;
  const barText = bar === undefined ? '' : 'atMost' in bar ? `<= ${format(bar.atMost)}` : `>= ${format(bar.atLeast)}`;
  const verdict = bar === undefined ? '' : holds(values, bar) ? 'pass' : 'FAIL';
  return [measure, variant, format(median(values)), unit, spread, String(values.length), barText, verdict];
}

function format(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 1 ? value.toFixed(2) : value.toPrecision(2);
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
