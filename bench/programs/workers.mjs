// `workers` worker threads that each do a little work twenty times a second, and a main thread that does the same.
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { answer, finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const { workers: count, ...profilerSettings } = readSettings();
const source = `setInterval(() => {
  let x = 1;
  for (let i = 0; i < 200_000; i++) x = (Math.imul(x, 69069) + 1) | 0;
  globalThis.x = x;
}, 50)`;

const profiler = await loadProfiler(profilerSettings);
profiler.start();
const timer = (0, eval)(source);
const workers = Array.from({ length: count }, () => new Worker(source, { eval: true }));
await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve))));
await sleep(1000);
answer({
  async stop() {
    clearInterval(timer);
    await Promise.all(workers.map((worker) => worker.terminate()));
    await profiler.stop();
    setImmediate(() => finish({}));
  },
});
process.send({ type: 'running' });
