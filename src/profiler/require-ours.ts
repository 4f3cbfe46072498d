import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';

const load = createRequire(import.meta.url);
const loaded = new Map<string, unknown>();

/**
 * Loads a module of ours when it is needed, at once: what few use is not to add to the start of all. The caller says its
 * type. Past the app's hooks of require(), which by now may compile, count or refuse what they see.
 */
export function requireOurs(path: string): unknown {
  if (import.meta.url.endsWith('.ts')) return load(`${path}.ts`);
  const file = load.resolve(`${path}.cjs`);
  if (!loaded.has(file)) loaded.set(file, evaluate(file));
  return loaded.get(file);
}

function evaluate(file: string): unknown {
  const module = { exports: {} as unknown };
  const names = ['exports', 'require', 'module', '__filename'];
  const run = compileFunction(readFileSync(file, 'utf8'), names, { filename: file }) as (...values: unknown[]) => void;
  run(module.exports, createRequire(file), module, file);
  return module.exports;
}
