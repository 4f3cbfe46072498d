// Burns and allocates in functions named after its own thread, so that a sample credited to another one shows.
import fs from 'node:fs';
import { threadId, workerData } from 'node:worker_threads';

const { how, memory, burnMs } = workerData;
const clock = fs.openSync('/proc/thread-self/schedstat', 'r');
const buffer = Buffer.alloc(128);
const cpuNs = () => {
  process.cpuUsage(); // brings schedstat up to date
  return Number(buffer.latin1Slice(0, fs.readSync(clock, buffer, 0, 128, 0)).split(' ')[0]);
};

const { spin, allocate } = new Function(`
  function spin_of_worker_${threadId}(n) {
    let x = n;
    for (let i = 0; i < n; i++) x = (Math.imul(x, 69069) + ${threadId}) | 0;
    return x;
  }
  function allocate_of_worker_${threadId}(n) {
    const list = [];
    for (let i = 0; i < n; i++) list.push({ i, text: 'of ' + i });
    return list.length;
  }
  return { spin: spin_of_worker_${threadId}, allocate: allocate_of_worker_${threadId} };
`)();

const before = cpuNs();
while (memory[1] < burnMs * 1e6) {
  spin(3e5);
  allocate(5000);
  memory[1] = cpuNs() - before;
}
fs.closeSync(clock);
if (how === 'throw') throw new Error('as told');
if (how === 'exit') process.exit(9);
if (how === 'terminate') for (;;) allocate(5000);
