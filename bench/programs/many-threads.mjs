// `threads` threads of libuv's pool, and a main thread that hands them the same work however many they are. `load`:
// `idle` (they sleep, the main thread ticks), `light` and `busy` (16 tasks twenty times a second, of some 0.1 and 0.5 ms).
import { pbkdf2 } from 'node:crypto';
import { finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const settings = readSettings();
const tasks = 16;
const everyMs = 50;

// libuv reads it when the pool is first used.
process.env.UV_THREADPOOL_SIZE = String(settings.threads);

const derive = (iterations) =>
  new Promise((resolve, reject) => pbkdf2('secret', 'salt', iterations, 32, 'sha256', (error) => (error ? reject(error) : resolve())));

/** Keeps the main thread, and with it the sampler, awake: about 1% of a processor. */
function work() {
  let x = 1;
  for (let i = 0; i < 300_000; i++) x = (Math.imul(x, 69069) + 1) | 0;
  return x;
}

const loads = {
  idle() {},
  light: () => void Promise.all(Array.from({ length: tasks }, () => derive(500))),
  busy: () => void Promise.all(Array.from({ length: tasks }, () => derive(2500))),
};

const profiler = await loadProfiler(settings);
profiler.start();
await Promise.all(Array.from({ length: tasks }, () => derive(20_000)));
const timer = setInterval(() => {
  work();
  loads[settings.load]();
}, everyMs);

process.once('message', async () => {
  clearInterval(timer);
  await profiler.stop();
  finish({});
});
process.send({ type: 'running' });
