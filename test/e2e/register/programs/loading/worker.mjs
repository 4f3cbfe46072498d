import { parentPort, workerData } from 'node:worker_threads';
const work = new Function(`return function in${workerData}() { let x = 1; for (let i = 0; i < 6e6; i++) x = Math.imul(x, 31) + i; return x; }`)();
parentPort.postMessage(work() === 0 ? 'zero' : 'worked');
process.exitCode = 3;
