import type { Row } from '../support/scenario.ts';
import { estimate, holds, present } from '../support/statistics.ts';
import { peers, variants } from '../support/variants.ts';
import { formatEstimate, formatNumber } from './format.ts';
import type { Verdict } from './judge.ts';
import { markdownTable } from './markdown-table.ts';

const titleOf = (variant: string): string => variants.find(({ id }) => id === variant)?.title ?? variant;
const headOf = (variant: string): string => (titleOf(variant).startsWith('--') ? `\`${titleOf(variant)}\`` : titleOf(variant));

/** Numbers the reasons why a cell is empty, equal ones once. */
class Footnotes {
  readonly #texts: string[] = [];

  mark(text: string): string {
    if (!this.#texts.includes(text)) this.#texts.push(text);
    return `— <sup>${this.#texts.indexOf(text) + 1}</sup>`;
  }

  toString(): string {
    return this.#texts.map((text, i) => `<sup>${i + 1}</sup> ${text}`).join('<br>\n');
  }
}

/** A line for each measure, a column for each variant that takes part. Empty without rows. */
export function variantTable(rows: readonly Row[]): string {
  const columns = variants.filter(({ id }) => rows.some(({ variant }) => variant === id));
  if (columns.length === 0) return '';
  const notes = new Footnotes();
  const measures = [...new Set(rows.map(({ measure }) => measure))];
  const withBars = rows.some(({ bar }) => bar !== undefined);
  const lines = measures.map((measure) => {
    const own = rows.filter((row) => row.measure === measure);
    const cells = columns.map(({ id, title }) => {
      const row = own.find(({ variant }) => variant === id);
      if (row === undefined) return '';
      return present(row.values).length > 0 ? formatEstimate(estimate(row.values)) : notes.mark(`${title}: ${row.missing ?? 'no value'}`);
    });
    return [`${measure}${own[0]?.unit ? `, ${own[0].unit}` : ''}`, ...cells, ...(withBars ? [barCell(own)] : [])];
  });
  const header = ['', ...columns.map(({ id }) => headOf(id)), ...(withBars ? ["hotspan's bar"] : [])];
  return [markdownTable(header, lines), notes.toString()].filter((part) => part !== '').join('\n\n');
}

function barCell(rows: readonly Row[]): string {
  const row = rows.find(({ bar }) => bar !== undefined);
  if (row?.bar === undefined) return '';
  const text = 'atMost' in row.bar ? `at most ${formatNumber(row.bar.atMost)}` : `at least ${formatNumber(row.bar.atLeast)}`;
  return `${text}: ${holds(row.values, row.bar) ? 'held' : '**missed**'}`;
}

/** hotspan beside each peer, a line for each measure. Empty when nothing is compared. */
export function comparisonTable(verdicts: readonly Verdict[]): string {
  const shown = verdicts.filter(({ standing }) => standing !== 'missing');
  if (shown.length === 0) return '';
  const columns = peers.filter((peer) => shown.some((verdict) => verdict.peer === peer));
  const measures = [...new Set(shown.map(({ measure }) => measure))];
  const lines = measures.map((measure) => {
    const own = shown.filter((verdict) => verdict.measure === measure);
    const unit = own[0]?.compare === 'difference' && own[0].unit !== '' ? `, ${own[0].unit}` : '';
    return [`${measure} (${own[0]?.compare ?? ''}${unit})`, ...columns.map((peer) => verdictCell(own.find((verdict) => verdict.peer === peer)))];
  });
  return ['hotspan beside each peer:', markdownTable(['', ...columns.map(headOf)], lines)].join('\n\n');
}

function verdictCell(verdict: Verdict | undefined): string {
  if (verdict === undefined) return '';
  const { standing, estimate: interval } = verdict;
  const word = standing === 'behind' ? '**behind**' : standing;
  return `${formatEstimate(interval)} ${word}`;
}
