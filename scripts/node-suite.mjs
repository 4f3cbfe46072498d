#!/usr/bin/env node
// Runs Node's own tests twice each, without and with hotspan preloaded, and names the tests that fail only with
// hotspan. Tests that fail for a reason known and accepted stand in docs/compatibility.md.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { acceptedDifferences, testCommand } from './node-suite/test-file.ts';

const help = `Usage: npm run test:node-suite -- --suite DIR [options] [NAME…]

Runs Node's own tests without and with hotspan preloaded at 1,000 Hz. Prints the tests that fail only with hotspan,
and exits with 1 when one of them is not listed in docs/compatibility.md.

  --suite DIR       Checkout that holds Node's test/ folder: nodejs/node, or its mirror denoland/node_test, at the
                    version nearest to the binary's.
  --node PATH       Node binary to test (default: the running one).
  --folders LIST    Folders of test/ (default: parallel).
  --preload WAY     require or import (default: require).
  --rate HZ         Sampling rate (default: 1000).
  --jobs N          Tests at a time (default: number of processors).
  --timeout S       Limit for one test (default: 60).
  --report FILE     Writes what was seen as JSON.
  NAME…             Only tests whose file name contains one of these words.

Node's tests open ports on all addresses: run the script in a network namespace of its own
(unshare -n sh -c 'ip link set lo up; …') where that matters.
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string' },
    node: { type: 'string', default: process.execPath },
    folders: { type: 'string', default: 'parallel' },
    preload: { type: 'string', default: 'require' },
    rate: { type: 'string', default: '1000' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    timeout: { type: 'string', default: '60' },
    report: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
if (values.suite === undefined || !existsSync(join(values.suite, 'test/common'))) {
  console.error(`node-suite: ${values.suite === undefined ? '--suite is missing' : `${values.suite} has no test/common`}; see --help`);
  process.exit(2);
}

/** A difference is believed when it shows in each of so many runs: Node's suite has tests that fail by chance. */
const rounds = 3;
const scratch = mkdtempSync(join(tmpdir(), 'hotspan-node-suite-'));
const preload = values.preload === 'import' ? `--import=${new URL('../dist/register.js', import.meta.url).href}` : `--require=${join(root, 'dist/register.cjs')}`;
const accepted = acceptedDifferences(readFileSync(join(root, 'docs/compatibility.md'), 'utf8'));

const tests = values.folders.split(',').flatMap((folder) =>
  readdirSync(join(values.suite, 'test', folder))
    .filter((name) => /^test-.*\.(js|mjs|cjs)$/.test(name))
    .filter((name) => positionals.length === 0 || positionals.some((word) => name.includes(word)))
    .map((name) => ({ name: `${folder}/${name}`, path: resolve(values.suite, 'test', folder, name) })));

const seen = { passed: 0, failWithout: [], unstable: [], differ: [] };
const queue = [...tests];
const started = Date.now();
await Promise.all(Array.from({ length: Number(values.jobs) }, (_, slot) => work(slot)));
finish();

/** Takes tests from the queue until it is empty. `slot` keeps the tests' ports and scratch folders apart. */
async function work(slot) {
  for (let test = queue.shift(); test !== undefined; test = queue.shift()) {
    await compare(test, slot);
    showProgress();
  }
}

async function compare(test, slot) {
  const without = await run(test, slot, false);
  if (!without.passed) {
    seen.failWithout.push(test.name);
    return;
  }
  const runs = [await run(test, slot, true)];
  while (!runs.at(-1).passed && runs.length < rounds) {
    if (!(await run(test, slot, false)).passed) break;
    runs.push(await run(test, slot, true));
  }
  const failures = runs.filter(({ passed }) => !passed);
  if (failures.length === 0) seen.passed += 1;
  else if (failures.length === rounds) seen.differ.push({ name: test.name, how: failures[0].how, output: failures[0].output });
  // A crash is not a matter of chance, however rare.
  else seen.unstable.push({ name: test.name, how: failures[0].how, output: failures[0].output });
}

/** @returns {Promise<{ passed: boolean, how: string, output: string }>} */
function run({ path }, slot, profiled) {
  const { flags, env } = testCommand(readFileSync(path, 'utf8'));
  const own = profiled
    ? { NODE_OPTIONS: preload, HOTSPAN_RATE: values.rate, HOTSPAN_EXPORT: `file:${join(scratch, `profiles-${slot}`)}`, HOTSPAN_TRACES: 'off' }
    : {};
  return new Promise((settle) => {
    const child = spawn(values.node, [...flags, path], {
      cwd: values.suite,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...baseEnv(), TEST_THREAD_ID: String(slot), TEST_SERIAL_ID: String(slot), NODE_TEST_DIR: scratch, ...own, ...env },
    });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-4000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child.pid);
    }, Number(values.timeout) * 1000);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      killGroup(child.pid);
      settle({ passed: code === 0, how: late ? 'time limit' : (signal ?? `exit code ${code}`), output });
    });
  });
}

function baseEnv() {
  const kept = Object.entries(process.env).filter(([name]) => !/^(HOTSPAN_|NODE_|OTEL_|DD_|PYROSCOPE_)|^NO_COLOR$/.test(name));
  return Object.fromEntries(kept);
}

/** Ends what a test left running, which would keep its output open. */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of the group have ended.
  }
}

/** Enough to see what failed; the whole is in the report. */
function lastLines(output) {
  return output.trimEnd().split('\n').slice(-15).join('\n');
}

function showProgress() {
  if (!process.stderr.isTTY) return;
  const done = tests.length - queue.length;
  process.stderr.write(`\r${done} of ${tests.length}, ${seen.differ.length} differ, ${Math.round((Date.now() - started) / 1000)} s `);
}

function finish() {
  rmSync(scratch, { recursive: true, force: true });
  if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(seen, null, 2)}\n`);
  const isAccepted = ({ name }) => accepted.has(basename(name));
  const crashed = ({ how }) => /^SIG(SEGV|ABRT|BUS|ILL|FPE|TRAP|SYS|RT)/.test(how) || how === 'exit code 165';
  const unexpected = seen.differ.filter((difference) => !isAccepted(difference));
  const crashes = seen.unstable.filter(crashed);
  for (const { name, how, output } of [...unexpected, ...crashes]) console.log(`\n--- ${name}: ${how}\n${lastLines(output)}`);
  for (const { name, how } of seen.unstable) console.log(`unstable: ${name} (${how} in some runs)`);
  for (const difference of seen.differ.filter(isAccepted)) console.log(`accepted: ${difference.name}`);
  console.log(
    `${tests.length} tests: ${seen.passed} pass with and without hotspan, ${seen.failWithout.length} fail without, ` +
      `${seen.unstable.length} unstable, ${seen.differ.length} fail only with hotspan (${unexpected.length} not in docs/compatibility.md), ${crashes.length} crashes`,
  );
  process.exitCode = unexpected.length + crashes.length > 0 ? 1 : 0;
}
