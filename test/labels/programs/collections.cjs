// Tasks that run interleaved, in the main thread and in a worker at once; each makes garbage in a function named after
// its task, in turns between awaits, and some that stays for a while: what triggers scavenges and mark-compacts.
'use strict';
const { PerformanceObserver } = require('node:perf_hooks');
const { isMainThread, Worker } = require('node:worker_threads');
const { setImmediate: immediate } = require('node:timers/promises');
const { withLabels } = require('hotspan');

const makers = new Map();
function makerOf(name) {
  let maker = makers.get(name);
  if (maker === undefined) {
    maker = new Function(
      `return function allocate__${name}(kept) { const list = []; for (let i = 0; i < 8000; i++) { list.push({ i, text: 'x' + i, pair: [i, i] }); } kept.push(list); if (kept.length > 20) kept.length = 0; return list.length; }`,
    )();
    makers.set(name, maker);
  }
  return maker;
}

async function task(name, kept = []) {
  while (collecting && performance.now() < latest) {
    makerOf(name)(kept);
    await null;
    makerOf(name)(kept);
    await immediate();
  }
}

const place = isMainThread ? 'main' : 'worker';
if (isMainThread) new Worker(__filename).on('error', (error) => { throw error; });
// Until enough was collected to sample, not for a time: processors, collectors and neighbours differ.
let collectedMs = 0;
let collecting = true;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collectedMs += duration;
  collecting = collectedMs < 300;
}).observe({ entryTypes: ['gc'] });
const latest = performance.now() + 20_000;
for (const name of ['a', 'b', 'c']) void withLabels({ task: `${place}_${name}` }, () => task(`${place}_${name}`));
void task(`${place}_none`);
