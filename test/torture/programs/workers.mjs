// Worker threads beside the profiled main thread: finished, exited by process.exit, terminated while they burn.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createChecksum, times } from './checksum.mjs';

const burn = (n) => {
  let x = 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 69069) + 1) | 0;
  return x;
};

if (isMainThread) {
  const checksum = createChecksum();
  for (let round = 0; round < times(2); round++) {
    for (const kind of ['finish', 'exit', 'terminate']) {
      const worker = new Worker(new URL(import.meta.url), { workerData: kind });
      const exited = once(worker, 'exit');
      const [message] = await once(worker, 'message');
      if (kind === 'terminate') worker.terminate();
      const own = burn(3e5);
      const [code] = await exited;
      if (round === 0) checksum.add(`${kind} ${message} ${code} ${own}`);
    }
  }
  checksum.print('workers');
} else {
  parentPort.postMessage(burn(3e5));
  if (workerData === 'exit') process.exit(4);
  if (workerData === 'terminate') for (;;) burn(1e6);
}
