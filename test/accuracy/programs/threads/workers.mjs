// Four workers at the same time, each burning another amount of its own thread's CPU time.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const unit = Number(process.env.HOTSPAN_TEST_SECONDS ?? 3.2) / 10;
const truths = await Promise.all(
  [2, 3, 4, 6].map(async (units) => {
    const worker = new Worker(new URL('./worker-burn.mjs', import.meta.url), { workerData: units * unit });
    const [[truth]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    return truth;
  }),
);
console.log(JSON.stringify(truths));
