import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built addon (or library to preload) of `programs/native`, or why there is none here. */
export type BuiltAddon = { path: string } | { missing: string };

/**
 * Compiles `programs/native/NAME.c` into `dir`, with the frame pointers and symbols that Node's own common.gypi gives
 * addons. It needs a C compiler and nothing of Node. Throws when the compiler is there and refuses the source.
 */
export function buildTestAddon(name: string, dir: string): BuiltAddon {
  const source = fileURLToPath(new URL(`./programs/native/${name}.c`, import.meta.url));
  const path = join(dir, `${name}.node`);
  const flags = ['-O2', '-fPIC', '-shared', '-pthread', '-fno-omit-frame-pointer', '-Wall', '-Wextra', '-Werror'];
  const { status, error, stderr } = spawnSync('cc', [...flags, '-o', path, source], { encoding: 'utf8' });
  if (error) return { missing: `no C compiler: ${error.message}` };
  if (status !== 0) throw new Error(`cc ${source}: ${stderr}`);
  return { path };
}
