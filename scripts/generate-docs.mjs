#!/usr/bin/env node
// Writes docs/options.md from the option table. With --check it writes nothing and fails when the
// page on disk differs. Needs the built package (npm run build:ts).
import { readFile, writeFile } from 'node:fs/promises';

const page = new URL('../docs/options.md', import.meta.url);
const renderer = new URL('../dist/options/render-options-page.js', import.meta.url);

const { renderOptionsPage } = await import(renderer.href).catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('generate-docs: dist is missing, run `npm run build:ts` first');
  process.exit(2);
});

const expected = renderOptionsPage();
if (!process.argv.includes('--check')) {
  await writeFile(page, expected);
} else if ((await readFile(page, 'utf8').catch(() => '')) !== expected) {
  console.error('generate-docs: docs/options.md is out of date, run `node scripts/generate-docs.mjs`');
  process.exitCode = 1;
}
