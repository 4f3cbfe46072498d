import { readFile } from 'node:fs/promises';

const builtPage = new URL('./page/app.js', import.meta.url);

/**
 * The page's script as one text: the built modules it is made of, in the order they need each other, without their
 * imports and exports. This is enough of a bundler because the modules are ours, import only each other, and the
 * test in Chromium fails on a name that is there twice.
 */
export async function pageScript(entry: URL = builtPage): Promise<string> {
  const modules = new Map<string, string>();
  await addModule(entry, modules);
  // What would end the script element early, inside a string or a regular expression.
  return [...modules.values()].join('\n').replace(/<(?=\/script|!--)/gi, '\\x3c');
}

async function addModule(url: URL, modules: Map<string, string>): Promise<void> {
  if (modules.has(url.href)) return;
  const source = await readFile(url, 'utf8');
  const imports = [...source.matchAll(/^import\s[^;]*?from ['"]([^'"]+)['"];$/gm)].map(([, from]) => from ?? '');
  for (const from of imports) await addModule(new URL(from, url), modules);
  modules.set(url.href, source
    .replace(/^import\s[^;]*?from ['"][^'"]+['"];\n?/gm, '')
    .replace(/^export \{\};\n?/gm, '')
    .replace(/^export (?=(?:async function|function|class|const|let)\b)/gm, '')
    .replace(/^\/\/# sourceMappingURL=.*$/gm, ''));
}
