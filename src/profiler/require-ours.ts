import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'cjs';

/** Loads a module of ours when it is needed, at once: what few use is not to add to the start of all. The caller says its type. */
export function requireOurs(path: string): unknown {
  return load(`${path}.${ending}`);
}
