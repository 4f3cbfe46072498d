import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Makes the loaded files of hotspan invisible to those who list `require.cache`, such as a hot reload that drops all it
 * finds there. `require()` still finds them: a second copy would not know the first one's state.
 */
export function hideModules(): void {
  const { cache } = createRequire(import.meta.url);
  const own = ['dist/', 'prebuilds/'].map((directory) => fileURLToPath(new URL(`../../${directory}`, import.meta.url)));
  for (const file of Object.keys(cache)) {
    // The inspector engine's one dependency.
    const isOwn = own.some((directory) => file.startsWith(directory)) || file.includes('/node_modules/pprof-format/');
    if (isOwn) Object.defineProperty(cache, file, { enumerable: false });
  }
}
