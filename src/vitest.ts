/** `plugins: [hotspan()]` in Vitest's config: profiles the run, labels each sample with its test, shows a summary. */
export { default, type VitestPlugin } from './ci/vitest-plugin.ts';
