// @start self
// Thousands of start/stop cycles through the public API, in the midst of work and garbage.
import { createChecksum, times } from './checksum.mjs';

const noop = { start() {}, async stop() {} };
const { start, stop } = process.env.HOTSPAN_TEST_NOOP ? noop : await import('hotspan');
const checksum = createChecksum();
let garbage = [];
const work = (n) => {
  let x = n | 1;
  for (let i = 0; i < 3000; i++) {
    x = (Math.imul(x, 69069) + 1) | 0;
    if (i % 10 === 0) garbage.push({ x });
  }
  if (garbage.length > 50000) garbage = [];
  return x;
};
for (let cycle = 0; cycle < times(1000); cycle++) {
  await start();
  const x = work(cycle % 10);
  if (cycle % 3 === 0) await null;
  if (cycle % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  await stop();
  if (cycle === 0) checksum.add(x);
}
await start();
checksum.add(work(1));
for (let i = 0; i < 200; i++) work(i);
checksum.print('start-stop');
