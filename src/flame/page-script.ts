import { readFile } from 'node:fs/promises';

const builtPage = new URL('./page/app.js', import.meta.url);

/** The page's script as one text, as the build has made it of `page/`. */
export async function pageScript(built: URL = builtPage): Promise<string> {
  // What would end the script element early, inside a string or a regular expression.
  return (await readFile(built, 'utf8')).replace(/<(?=\/script|!--)/gi, '\\x3c');
}
