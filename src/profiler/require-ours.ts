import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** Loads a module of ours when it is needed, at once: what few use is not to add to the start of all. */
export function requireOurs<Module>(path: string): Module {
  return require(`${path}.${extension}`) as Module;
}
