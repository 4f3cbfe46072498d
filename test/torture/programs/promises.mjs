// Storms of promises, microtasks, rejections handled late, async stacks, AsyncLocalStorage, timers and immediates.
import { AsyncLocalStorage } from 'node:async_hooks';
import { once, EventEmitter } from 'node:events';
import { setImmediate as immediate, setTimeout as timeout } from 'node:timers/promises';
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
const storage = new AsyncLocalStorage();
process.on('unhandledRejection', (reason) => {
  throw reason;
});

async function chain(depth) {
  if (depth === 0) return storage.getStore();
  await null;
  return (await chain(depth - 1)) + 1;
}

async function mayFail(i) {
  await null;
  if (i % 7 === 0) throw new Error(`failed ${i}`);
  return i;
}

for (let round = 0; round < times(25); round++) {
  const settled = await Promise.allSettled(Array.from({ length: 400 }, (_, i) => mayFail(i)));
  const failed = settled.filter(({ status }) => status === 'rejected').length;
  const chains = await Promise.all([10, 20, 30].map((base) => storage.run(base, () => chain(40))));
  const emitter = new EventEmitter();
  setImmediate(() => emitter.emit('done', 7));
  const [seven] = await once(emitter, 'done');
  const ticks = await new Promise((resolve) => {
    let count = 0;
    const tick = () => (++count === 300 ? resolve(count) : count % 2 ? process.nextTick(tick) : queueMicrotask(tick));
    tick();
  });
  await immediate();
  await timeout(1);
  const sum = `${failed} ${chains} ${seven} ${ticks}`;
  if (round === 0) checksum.add(sum);
  else if (sum !== '58 50,60,70 7 300') throw new Error(sum);
}
checksum.print('promises');
