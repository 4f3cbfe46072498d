import type { Change, DiffRow, DiffTable } from './diff.ts';
import { formatPercent, formatValue } from './format-value.ts';
import { alignColumns } from './text-table.ts';
import { escapeMarkdown, oneLine, placeText } from './text.ts';

export interface RenderDiffOptions {
  /** Puts a colour or weight on a cell. @default none */
  readonly paint?: ((kind: 'more' | 'less' | 'dim' | 'bold', text: string) => string) | undefined;
}

/**
 * The table as aligned text, one row a line: base, head, their difference, the difference in percent of base, both
 * shares, and the change of the cumulative value. Ends with a newline.
 */
export function renderDiff(table: DiffTable, { paint = (_kind, text) => text }: RenderDiffOptions = {}): string {
  if (table.rows.length === 0) return 'no samples\n';
  const { unit } = table;
  const head = ['base', 'head', 'delta', 'delta%', 'base share', 'head share', 'cum delta', table.by];
  const total = `${totalText(table)}\n\n`;
  const rows = table.rows.map((row) => {
    const main = row[table.sortedBy];
    const other = row[table.sortedBy === 'flat' ? 'cum' : 'flat'];
    const kind = main.delta > 0 ? 'more' : 'less';
    return [
      value(main.base, unit), value(main.head, unit),
      { text: signedValue(main.delta, unit), paint: (text: string) => paint(kind, text) },
      { text: relative(main), paint: (text: string) => paint(kind, text) },
      formatPercent(main.basePercent), formatPercent(main.headPercent), signedValue(other.delta, unit),
      `${paint('bold', oneLine(row.name) || '(anonymous)')}${tail(row, (text) => paint('dim', text))}`,
    ];
  });
  const titles = head.map((title) => (title === 'cum delta' && table.sortedBy === 'cum' ? 'flat delta' : title));
  const hidden = table.rowCount - table.rows.length;
  return total + alignColumns([titles, ...rows], (line) => paint('dim', line))
    + (hidden > 0 ? `${paint('dim', `… ${hidden} more`)}\n` : '');
}

/** The same as a Markdown table. */
export function renderDiffMarkdown(table: DiffTable): string {
  const { unit } = table;
  const lines = [
    totalText(table), '',
    `| ${table.by} | base | head | delta | delta% | share | cum delta |`,
    '|---|--:|--:|--:|--:|--:|--:|',
    ...table.rows.map((row) => {
      const { flat, cum } = row;
      const main = table.sortedBy === 'flat' ? flat : cum;
      const cells = [
        `${code(oneLine(row.name) || '(anonymous)')}${tail(row, (text) => escapeMarkdown(text))}`,
        value(main.base, unit), value(main.head, unit), signedValue(main.delta, unit), relative(main),
        `${formatPercent(main.basePercent)} → ${formatPercent(main.headPercent)}`, signedValue(cum.delta, unit),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
  const hidden = table.rowCount - table.rows.length;
  if (hidden > 0) lines.push('', `… ${hidden} more`);
  return `${lines.join('\n')}\n`;
}

/** `+12.3ms`, `-4%`: a difference with its sign. */
export function signedValue(delta: number, unit: string): string {
  return `${delta > 0 ? '+' : ''}${value(delta, unit)}`;
}

/** Means of counts have decimals that say nothing. */
function value(amount: number, unit: string): string {
  return formatValue(unit === 'count' ? Number(amount.toPrecision(4)) : amount, unit);
}

function relative({ base, head, delta }: Change): string {
  if (base === 0) return head === 0 ? '0%' : 'new';
  if (head === 0) return 'gone';
  return `${delta > 0 ? '+' : ''}${formatPercent((delta / base) * 100)}`;
}

function totalText({ type, unit, total, baseCount, headCount }: DiffTable): string {
  const profiles = (count: number): string => (count === 1 ? '1 profile' : `mean of ${count} profiles`);
  return `${type}: ${value(total.base, unit)} (${profiles(baseCount)}) → ${value(total.head, unit)} (${profiles(headCount)}), `
    + `${signedValue(total.delta, unit)}, ${relative(total)}`;
}

function tail(row: DiffRow, dim: (text: string) => string): string {
  const place = placeText(row.file, row.line);
  const was = row.was === undefined ? '' : ` (${row.match}, was ${oneLine(row.was.name)} ${placeText(row.was.file, row.was.line)})`;
  return place === '' && was === '' ? '' : ` ${dim(`${place}${was}`.trim())}`;
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}
