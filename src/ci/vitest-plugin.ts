import { fileURLToPath } from 'node:url';

/** As much of a Vite plugin as we need; Vite's own type would make it a dependency. */
export interface VitestPlugin {
  readonly name: string;
  config(): { test: { setupFiles: string[]; globalSetup: string[] } };
}

/**
 * Profiles a run of Vitest and labels each sample with the full title of its test:
 * `export default defineConfig({ plugins: [hotspan()] })`. Needs Vitest 4.1 or later.
 */
export default function hotspan(): VitestPlugin {
  const path = (name: string): string => fileURLToPath(new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  return {
    name: 'hotspan',
    config: () => ({ test: { setupFiles: [path('vitest-setup')], globalSetup: [path('vitest-global')] } }),
  };
}
