// Drives its heap over the limit: `run-out.mjs objects|strings|arrays main|worker`.
import { Worker, isMainThread, workerData } from 'node:worker_threads';

const kind = workerData?.kind ?? process.argv[2];
const kept = [];

function leakObjects() {
  for (;;) kept.push({ at: kept.length, pair: [kept.length, null] });
}
function leakStrings() {
  for (;;) kept.push(`${kept.length} `.padEnd(300, `text ${kept.length} `));
}
function leakArrays() {
  for (;;) kept.push(new Array(5000).fill(kept.length));
}

if (isMainThread && process.argv[3] === 'worker') {
  const worker = new Worker(new URL(import.meta.url), { workerData: { kind }, resourceLimits: { maxOldGenerationSizeMb: 64 } });
  worker.on('error', ({ code }) => console.log(code));
} else {
  ({ objects: leakObjects, strings: leakStrings, arrays: leakArrays })[kind]();
}
