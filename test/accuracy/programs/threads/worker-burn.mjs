// Burns `workerData` seconds of its own CPU time in one function and says what its clock showed.
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { cpuNs } from '../burn.cjs';

const atEntryNs = cpuNs();

function burnInWorker(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @burn burnInWorker
  return x;
}

// Few readings of the clock: where processors are short, a thread loses its own at a system call more often than
// elsewhere, and a sample that is taken while it waits shows that call.
while (cpuNs() - atEntryNs < workerData * 1e9) burnInWorker(4e7);
// sinceEntryNs: since its first own line. wholeNs: since the thread was started.
parentPort.postMessage({ threadId, sinceEntryNs: cpuNs() - atEntryNs, wholeNs: cpuNs() });
