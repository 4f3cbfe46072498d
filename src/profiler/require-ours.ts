import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** Loads a module of ours when it is needed, at once: what few use is not to add to the start of all. The caller says its type. */
export function requireOurs(path: string): unknown {
  return require(`${path}.${extension}`);
}
