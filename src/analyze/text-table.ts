/** Text, with what is put around it once its width is known. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/**
 * Rows as lines of text, the first as their header: all columns but the last are set to the right, the last follows
 * them as it is. Ends with a newline.
 */
export function alignColumns(rows: readonly (readonly Cell[])[], paintHeader: (line: string) => string = String): string {
  const plain = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : cell?.text ?? '');
  // By reduce(): there may be more rows than a call takes arguments.
  const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);
  const last = largest(rows.map((row) => row.length)) - 1;
  const widths = Array.from({ length: Math.max(0, last) }, (_, column) => largest(rows.map((row) => plain(row[column]).length)));
  const lines = rows.map((row) => row
    .map((cell, column) => {
      const padded = column < last ? plain(cell).padStart(widths[column] ?? 0) : plain(cell);
      return typeof cell === 'string' ? padded : cell.paint(padded);
    })
    .join('  '));
  return lines.map((line, index) => `${index === 0 ? paintHeader(line) : line}\n`).join('');
}
