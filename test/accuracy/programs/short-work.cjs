// A service at rest between requests, each as long as a sampling period: first() runs, then second(), then it waits.
'use strict';
const { setTimeout: sleep } = require('node:timers/promises');
const { burnOnce, report } = require('./burn.cjs');

const [workMs, restMs] = [0.5, 2];
const seconds = Number(process.env.HOTSPAN_TEST_SECONDS ?? 2.5);
const makeBurner = (name) =>
  new Function(`return function ${name}(ms) {
    let x = 1;
    for (const end = performance.now() + ms; performance.now() < end; ) for (let i = 0; i < 200; i++) x = (Math.imul(x, 31) + i) | 0;
    return x;
  }`)();
const first = makeBurner('first');
const second = makeBurner('second');

void (async () => {
  for (let round = 0; round < (1000 * seconds) / (2 * workMs); round++) {
    burnOnce('first', first, workMs);
    burnOnce('second', second, workMs);
    await sleep(restMs);
  }
  report();
})();
