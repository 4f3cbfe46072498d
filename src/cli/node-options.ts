import { fileURLToPath } from 'node:url';

/**
 * The file that every Node process is to load first. By --require: with --import Node loads the entry as an ES module,
 * past the hooks of require() that ts-node, tsx and others compile it by. From source (tests) as well as built it stands
 * one folder up.
 */
export const registerPath = fileURLToPath(new URL(`../register.${import.meta.url.endsWith('.ts') ? 'ts' : 'cjs'}`, import.meta.url));

/** NODE_OPTIONS that also load `path` by --require; as they are when they do. */
export function withRequired(nodeOptions: string | undefined, path: string): string {
  const existing = nodeOptions?.trim() ?? '';
  const flag = `--require=${quoted(path)}`;
  if (` ${existing} `.includes(` ${flag} `)) return existing;
  return existing === '' ? flag : `${existing} ${flag}`;
}

/** As Node reads NODE_OPTIONS: spaces stand between options unless in double quotes, where a backslash escapes. */
function quoted(path: string): string {
  return /[ "]/.test(path) ? `"${path.replaceAll(/["\\]/g, '\\$&')}"` : path;
}
