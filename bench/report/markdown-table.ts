/** A Markdown table; cells are text that may hold Markdown but no new lines. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[], rightFrom = 1): string {
  const escape = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  const rule = `|${header.map((_, column) => (column < rightFrom ? '---' : '---:')).join('|')}|`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}
