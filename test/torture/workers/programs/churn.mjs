// Starts and ends COUNT workers, a few at a time, while the main thread allocates. Run as `churn.mjs COUNT BURN_MS`.
// Prints one line of JSON: how the workers ended, resident memory on the way, and what each worker had burnt.
import { Worker } from 'node:worker_threads';

const [count, burnMs] = process.argv.slice(2).map(Number);
const width = 3;
const every = Math.max(5, Math.round(count / 100));
const endings = ['return', 'terminate', 'throw', 'exit'];
const entry = new URL('./churn-worker.mjs', import.meta.url);

const ends = {};
const burntNs = {};
const residentBytes = [];
let kept = [];
let started = 0;
let ended = 0;

/** Pressure on the heap of the main thread: some survives, most does not. */
function allocateOnMain() {
  for (let i = 0; i < 2000; i++) kept.push({ i, text: `kept ${i}` });
  if (kept.length > 50_000) kept = [];
}

async function runWorker(index) {
  const how = endings[index % endings.length];
  const memory = new Float64Array(new SharedArrayBuffer(16));
  const worker = new Worker(entry, { workerData: { how, memory, burnMs } });
  const { threadId } = worker;
  let error = '';
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  worker.on('error', (reason) => (error = reason.message));
  if (how === 'terminate') {
    // At any moment: sometimes before its first line, mostly while it burns.
    await new Promise((resolve) => setTimeout(resolve, (index * 7) % (200 + 2 * burnMs)));
    worker.terminate();
  }
  const code = await exited;
  burntNs[threadId] = memory[1];
  // A worker that is terminated before its first line ends with 0, else with 1.
  const end = how === 'terminate' ? how : `${how} ${code} ${error}`.trim();
  ends[end] = (ends[end] ?? 0) + 1;
}

async function runMany() {
  while (started < count) {
    allocateOnMain();
    await runWorker(started++);
    if (++ended % every === 0) {
      globalThis.gc();
      residentBytes.push([ended, process.memoryUsage.rss()]);
    }
  }
}

await Promise.all(Array.from({ length: width }, runMany));
console.log(JSON.stringify({ ends, residentBytes, burntNs }));
