import { existsSync } from 'node:fs';

/** Loaded by path: where this is, all is. */
const oneOfThem = new URL(`./register-main.${import.meta.url.endsWith('.ts') ? 'ts' : 'cjs'}`, import.meta.url);

/**
 * Why hotspan cannot find its own files (the addon, its workers, what is loaded when needed), in one line; undefined
 * when it can. A bundler joins what is imported and leaves the rest behind.
 */
export function missingOwnFiles(): string | undefined {
  if (existsSync(oneOfThem)) return undefined;
  return (
    'hotspan is inside a bundle, apart from its own files: mark it external (esbuild: --external:hotspan, ' +
    "webpack: externals: { hotspan: 'commonjs hotspan' }) and install it beside the bundle"
  );
}
