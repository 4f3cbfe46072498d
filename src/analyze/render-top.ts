import { formatPercent, formatValue } from './format-value.ts';
import { oneLine, placeText } from './text.ts';
import type { TopTable } from './top.ts';

export interface RenderTopOptions {
  /** ANSI colours for a terminal. @default false */
  readonly color?: boolean | undefined;
}

const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`;
const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;

/**
 * The table as aligned text, one row a line, columns as in `go tool pprof -top`: flat, flat%, cum, cum%, name and
 * place. Ends with a newline; one line saying so when there are no rows.
 */
export function renderTop(table: TopTable, options: RenderTopOptions = {}): string {
  if (table.rows.length === 0) return 'no samples\n';
  const paint = options.color === true ? { dim, bold } : { dim: String, bold: String };
  const header = ['flat', 'flat%', 'cum', 'cum%'];
  const cells = table.rows.map((row) => [
    formatValue(row.flat, table.unit),
    formatPercent(row.flatPercent),
    formatValue(row.cum, table.unit),
    formatPercent(row.cumPercent),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const align = (line: readonly string[]): string =>
    line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
  const lines = [paint.dim(`${align(header)}  ${titleOf(table)}`)];
  for (const [index, row] of table.rows.entries()) {
    const place = placeText(row.file, row.line);
    const name = oneLine(row.name) || '(anonymous)';
    lines.push(`${align(cells[index] ?? [])}  ${paint.bold(name)}${place === '' ? '' : ` ${paint.dim(place)}`}`);
  }
  const hidden = table.rowCount - table.rows.length;
  if (hidden > 0) lines.push(paint.dim(`… ${hidden} more`));
  return `${lines.join('\n')}\n`;
}

function titleOf(table: TopTable): string {
  return table.by.startsWith('label:') ? oneLine(table.by.slice('label:'.length)) : table.by;
}
