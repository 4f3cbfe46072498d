// Sleeps for a second, burns CPU, and again: in socket callbacks, timers, setImmediate chains or worker messages.
// Each burst burns in a function of its own (burst_0, burst_1, ...), so that a profile cannot pass a lost burst's time
// off as another's. The truth is the thread's CPU time around every call; reading it is part of the burst's function,
// since a sample that is late is taken where the thread enters the kernel next.
import net from 'node:net';
import { Worker } from 'node:worker_threads';
import { cpuNs, finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const { kind, bursts, idleMs, slices, sliceMs, ...profilerSettings } = readSettings();
// Until the time is up, not a number of rounds: speed differs between tiers of compilation.
const makeBurner = (name) =>
  new Function('cpuNs', `return function ${name}(ms) {
    const before = cpuNs();
    let x = 1;
    for (const end = performance.now() + ms; performance.now() < end; ) for (let i = 0; i < 20000; i++) x = (Math.imul(x, 31) + i) | 0;
    return cpuNs() - before + (x && 0);
  }`)(cpuNs);

const burners = Array.from({ length: bursts }, (_, i) => makeBurner(`burst_${i}`));
const burnedNs = new Array(bursts).fill(0);

const profiler = await loadProfiler(profilerSettings);
profiler.start();
const server = { sockets, timers, immediates, messages }[kind]();

function burnSlice(burst) {
  burnedNs[burst] += burners[burst](sliceMs);
}

async function end() {
  server?.close();
  await profiler.stop();
  finish({ burnedNs });
}

/** A client in another process asks `slices` times, one after the other; see the scenario. */
function sockets() {
  const served = net.createServer((socket) => {
    let calls = 0;
    socket.on('data', () => {
      burnSlice(Math.floor(calls / slices));
      socket.write('.');
      if (++calls === bursts * slices) {
        socket.destroy();
        void end();
      }
    });
  });
  return served.listen(0, '127.0.0.1', () => process.send({ type: 'listening', port: served.address().port }));
}

function timers(burst = 0, slice = 0) {
  if (burst === bursts) return void end();
  const run = () => {
    burnSlice(burst);
    if (slice + 1 < slices) timers(burst, slice + 1);
    else timers(burst + 1);
  };
  setTimeout(run, slice === 0 ? idleMs : 1);
}

function immediates(burst = 0) {
  if (burst === bursts) return void end();
  const run = (slice) => {
    burnSlice(burst);
    if (slice + 1 < slices) setImmediate(run, slice + 1);
    else immediates(burst + 1);
  };
  setTimeout(setImmediate, idleMs, run, 0);
}

function messages() {
  const source = `
    const { parentPort } = require('node:worker_threads');
    let burst = 0;
    const timer = setInterval(() => {
      for (let i = 0; i < ${slices}; i++) parentPort.postMessage(burst);
      if (++burst === ${bursts}) clearInterval(timer);
    }, ${idleMs + slices * sliceMs});`;
  let received = 0;
  new Worker(source, { eval: true }).on('message', (burst) => {
    burnSlice(burst);
    if (++received === bursts * slices) void end();
  });
}
