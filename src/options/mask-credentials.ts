/**
 * `text` without the credentials of the URLs in it: `http://user:secret@host` becomes `http://***@host`, also where the
 * scheme is missing. For every line that is shown: a line ends in logs, which others read.
 */
export function maskCredentials(text: string): string {
  if (!text.includes('@')) return text;
  return text
    .split(between)
    .map((word) => {
      // A password may hold an `@` or a slash of its own: all before the last `@` is hidden.
      const at = word.lastIndexOf('@');
      if (at < 0) return word;
      const [scheme = ''] = schemes.exec(word.slice(0, at)) ?? [];
      return `${scheme}***${word.slice(at)}`;
    })
    .join('');
}

/** White space, quotes and commas end a URL in a message; kept by split(). */
const between = /([\s"'`,()])/;

/** With the backend's name before, as HOTSPAN_EXPORT has it. Others are hidden: what looks like one may be a user's name. */
const schemes = /^(?:[\w-]+[:=])?(?:https?|grpcs?|wss?|ftp|tcp|unix):\/\//i;
