/** Names come from the profiled program: a control character in one must not reach a terminal or break a line. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** `file:line`, the file alone without a line, empty without a file. */
export function placeText(file: string, line: number): string {
  const name = oneLine(file);
  if (name === '') return '';
  return line > 0 ? `${name}:${line}` : name;
}

/** Text that Markdown shows as it is, inside a table's cell too. */
export function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>|~#]/g, (char) => (char === '<' ? '&lt;' : char === '>' ? '&gt;' : `\\${char}`));
}
