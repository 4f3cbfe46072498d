const { parentPort, workerData } = require('node:worker_threads');
const work = new Function(`return function in${workerData.name}() { let x = 1; for (let i = 0; i < 6e6; i++) x = Math.imul(x, 31) + i; return x; }`)();
const flags = process.execArgv.filter((flag) => !workerData.flags.includes(flag));
parentPort.postMessage(`${work() === 0 ? 'zero' : 'worked'} [${flags}]`);
process.exitCode = 3;
