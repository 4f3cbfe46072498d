// npm run demo: profiles the web shop of demo/service under load and shows where its time went.
// DEMO_SECONDS (default 10) sets for how long.
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { driveLoad } from './load.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const server = fileURLToPath(new URL('./service/server.js', import.meta.url));
const output = fileURLToPath(new URL('../profiles/demo', import.meta.url));
const profile = `${output}/cpu.pb.gz`;
const connections = 8;
const startTimeoutMs = 20_000;

/** What keeps the demo from running, in one line. */
class DemoError extends Error {}

/** The signal that asked the demo to end early. */
let interruptedBy;

try {
  await main();
} catch (error) {
  clearStatus();
  if (!(error instanceof DemoError)) throw error;
  console.error(`demo: ${interruptedBy === undefined ? error.message : `stopped by ${interruptedBy}`}`);
  process.exitCode = interruptedBy === undefined ? 1 : 128 + constants.signals[interruptedBy];
}

async function main() {
  const seconds = readNumber('DEMO_SECONDS', 10, 1, 600);
  await checkEngine();
  rmSync(output, { recursive: true, force: true });

  status('starting the shop');
  const shop = startShop();
  let answered;
  try {
    const port = await shop.listening;
    answered = await Promise.race([
      driveLoad({ port, seconds, connections, onProgress: showProgress(seconds) }),
      shop.ended.then(({ how }) => Promise.reject(new DemoError(`the shop ended under load (${how})`))),
    ]);
    status('stopping the shop');
  } catch (error) {
    shop.child.kill('SIGTERM');
    await shop.ended;
    throw error instanceof DemoError ? error : new DemoError(error.message, { cause: error });
  }
  shop.child.kill('SIGTERM');
  const { code, how, stderr } = await shop.ended;
  clearStatus();
  if (interruptedBy !== undefined) throw new DemoError('interrupted');
  if (code !== 0) throw new DemoError(`the shop did not stop cleanly (${how})\n${stderr}`.trimEnd());
  if (!existsSync(profile)) throw new DemoError(`no profile was written\n${stderr}`.trimEnd());

  const perSecond = Math.round(answered / seconds);
  console.log(`demo/service answered ${answered} requests in ${seconds} s (${perSecond}/s) while it was profiled.\n`);
  await showTop('Top functions', ['-n', '15']);
  await showTop('Top lines', ['--by', 'line', '-n', '10']);
  // What `hotspan run` reported: totals and files.
  console.log(`${stderr.trimEnd()}\n`);
  showHints();
}

/** Asks `hotspan doctor` first: its reason is clearer than a demo without a profile. */
async function checkEngine() {
  if (!existsSync(cli)) throw new DemoError('hotspan is not built; run: npm install');
  const { code, stdout, stderr } = await runCli(['doctor', '--json']);
  if (code === 0) return;
  let reason = stderr.trim();
  try {
    ({ reason } = JSON.parse(stdout));
  } catch {
    // No report: what it said on stderr is the reason.
  }
  throw new DemoError(`this process cannot be profiled: ${reason}. If the addon is missing, run: npm run build`);
}

function startShop() {
  const args = ['run', '--limit', '0', '--out', output, '--', process.execPath, server];
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      interruptedBy = signal;
      child.kill('SIGTERM');
    });
  }
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, how: error.message, stderr }));
    child.once('close', (code, signal) => resolve({ code, how: signal ?? `exit code ${code}`, stderr }));
  });
  const listening = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DemoError(`the shop did not start within ${startTimeoutMs / 1000} s`)), startTimeoutMs);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, found] = /listening on http:\/\/.*:(\d+)$/.exec(line) ?? [];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(Number(found));
    });
    void ended.then(({ how, stderr: said }) => {
      clearTimeout(timer);
      reject(new DemoError(`the shop did not start: ${said.trim().split('\n')[0] || how}`));
    });
  });
  return { child, ended, listening };
}

async function showTop(title, args) {
  const { code, stdout, stderr } = await runCli(['top', ...args, relative(root, profile)]);
  if (code !== 0) throw new DemoError(`hotspan top failed: ${stderr.trim()}`);
  // Type, total and file stand before the first empty line; they are the same for both tables.
  const table = stdout.slice(stdout.indexOf('\n\n') + 2).replaceAll(root, '');
  console.log(`${title}\n${table}`);
}

function showHints() {
  const file = relative(process.cwd(), profile);
  console.log(`Open it:
  npx hotspan top --by line --focus search ${file}
  go tool pprof -http=: ${file}
  https://www.speedscope.app (drop the file on the page; it stays in your browser)`);
}

function runCli(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
}

function showProgress(seconds) {
  return (elapsed, answered) => status(`load: ${elapsed.toFixed(1)} of ${seconds} s, ${answered} requests answered`);
}

/** One line that is overwritten; nothing where no one watches. */
function status(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

function clearStatus() {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}

function readNumber(name, otherwise, min, max) {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (value >= min && value <= max) return value;
  throw new DemoError(`${name}=${text}: give a number from ${min} to ${max}`);
}
