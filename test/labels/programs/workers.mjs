// The requests of requests.mjs in two workers at once (argv[2]: the tracer), while the main thread has none.
import { Worker } from 'node:worker_threads';

const source = `
const { parentPort, workerData } = require('node:worker_threads');
const { createRequire } = require('node:module');
const load = createRequire(workerData.here);
load('./tracers.cjs')(load('hotspan'), workerData.kind).catch((error) => { throw error; });`;
const here = new URL('./programs.cjs', import.meta.url).pathname;
let code = 0;
for (let i = 0; i < 2; i++) {
  new Worker(source, { eval: true, workerData: { here, kind: process.argv[2] } }).on('exit', (ended) => {
    code ||= ended;
    process.exitCode = code;
  });
}
