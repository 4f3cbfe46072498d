// Native code that takes, resets or blocks the sampling signal while the main thread, a worker and a thread of its own
// use CPU. Run as `signal-users.cjs ADDON KIND WHEN`; prints what is true of it, as JSON.
'use strict';
const { createRequire } = require('node:module');
const { setTimeout: delay } = require('node:timers/promises');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const [addonPath, kind, when] = isMainThread ? process.argv.slice(2) : workerData;
const addon = createRequire(__filename)(addonPath);
const burnMs = 2500;

function burnFor(ms) {
  const end = addon.cpuNs() + ms * 1e6;
  let x = 0;
  while (addon.cpuNs() < end) for (let i = 0; i < 20_000; i++) x = (x * 31 + 7) | 0;
  return x;
}
/** While or after the threads block signals or the handler was changed. */
function burnUnheard() {
  burnFor(burnMs);
}

function act(signal) {
  if (kind === 'block') addon.block();
  else addon[kind](signal);
}

async function main() {
  const signal = addon.handled();
  if (when === 'before') act(signal);
  if (when === 'after') {
    for (let i = 0; i < 40; i++) {
      burnFor(5);
      await delay(10); // the self-test has its steps between
    }
  }
  const worker = new Worker(__filename, { argv: process.argv.slice(2), workerData: process.argv.slice(2) });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('message', resolve));
  if (when === 'after') act(signal);
  worker.postMessage('go');
  addon.burn(1, burnMs, kind === 'block' ? 1 : 0, 0);
  burnUnheard();
  while (addon.burnt() < 1) await delay(20);
  await ended;
  // Turns in which the self-test has its steps: it must have missed its samples before the process ends.
  if (kind === 'block' && when === 'before') for (let i = 0; i < 200; i++) await delay(10);
  console.log(JSON.stringify({ signal, takenNext: addon.handled(), hits: addon.hits() }));
}

if (isMainThread) void main();
else {
  parentPort.once('message', () => {
    if (kind === 'block') addon.block();
    burnUnheard();
  });
  burnFor(100); // so that it is sampled before
  setTimeout(() => parentPort.postMessage('ready'), 50);
}
