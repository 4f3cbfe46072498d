// Makes hotspan work: asks it for figures, gives labels, ends many periods, uploads.
import { start, stats, stop, withLabels } from 'hotspan';
import { Worker } from 'node:worker_threads';

start({ rate: 999, period: 0.2 });

function burn(ms) {
  const until = performance.now() + ms;
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 5000; i++) sum = (sum * 31 + i) | 0;
  return sum;
}
function asksForFigures(ms) {
  const until = performance.now() + ms;
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 20; i++) sum += stats().samples;
  return sum;
}
function burnsWithLabels() {
  return burn(20);
}
function makesWorker() {
  const worker = new Worker('', { eval: true });
  return new Promise((resolve) => worker.on('exit', resolve));
}

const end = performance.now() + 2500;
await makesWorker();
while (performance.now() < end) {
  asksForFigures(20);
  withLabels({ kind: 'labelled' }, burnsWithLabels);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await stop();
