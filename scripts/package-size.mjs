#!/usr/bin/env node
// Prints what `npm pack` would publish, and fails when it is over its budget. Counted are the addons of one platform, the
// largest: those of the others lie unused.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Bytes, unpacked. */
const budget = 10e6;

const root = fileURLToPath(new URL('..', import.meta.url));
// Without scripts: `prepare` would build.
const [{ files, size }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }));

const parts = new Map();
for (const file of files) parts.set(partOf(file.path), (parts.get(partOf(file.path)) ?? 0) + file.size);
const isPrebuilds = ([part]) => part.startsWith('prebuilds/');
const platforms = [...parts].filter(isPrebuilds).map(([, bytes]) => bytes);
const shared = [...parts].filter((part) => !isPrebuilds(part)).reduce((sum, [, bytes]) => sum + bytes, 0);
const counted = shared + Math.max(0, ...platforms);

for (const [part, bytes] of [...parts].sort(([, a], [, b]) => b - a)) console.log(`${kilobytes(bytes)}  ${part}`);
console.log(`${kilobytes(size)}  the tarball\n${kilobytes(counted)}  unpacked on one platform, in ${files.length} files`);
if (counted > budget) {
  console.error(`package-size: over the budget of ${kilobytes(budget).trim()}`);
  process.exitCode = 1;
}

/** `prebuilds/linux-x64`, `dist`, or the file itself. */
function partOf(path) {
  const [first, second, ...rest] = path.split('/');
  return first === 'prebuilds' && rest.length > 0 ? `${first}/${second}` : first;
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(0).padStart(6)} kB`;
}
