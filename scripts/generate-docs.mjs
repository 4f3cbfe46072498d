#!/usr/bin/env node
// Writes docs/options.md from the option table. With --check it writes nothing and fails when the page on disk differs.
// Run it by `npm run docs`: it reads the sources.
import { readFile, writeFile } from 'node:fs/promises';

import { renderOptionsPage } from '../src/options/render-options-page.ts';

const page = new URL('../docs/options.md', import.meta.url);

const expected = renderOptionsPage();
if (!process.argv.includes('--check')) {
  await writeFile(page, expected);
} else if ((await readFile(page, 'utf8').catch(() => '')) !== expected) {
  console.error('generate-docs: docs/options.md is out of date, run `npm run docs`');
  process.exitCode = 1;
}
