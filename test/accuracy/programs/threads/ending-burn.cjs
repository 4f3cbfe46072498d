// What both forms of the ending worker do: burn at the module's top level, burn in a callback, end as told.
'use strict';
const { workerData } = require('node:worker_threads');
const { cpuNs } = require('../burn.cjs');

const { how, memory } = workerData;
memory[0] = memory[1] = cpuNs();

function burnAtTopLevel(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 69069) + 1) | 0;
  return x;
}

function burnLater(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 22695477) + 1) | 0;
  return x;
}

/**
 * Burns in slices, short ones where the worker is terminated, so that what was measured then is nearly up to date.
 * Longer ones elsewhere: where processors are short, a thread loses its own at a system call more often than elsewhere,
 * and a sample that is taken while it waits shows that call.
 */
function slices(fn, field, ns) {
  const iterations = how === 'terminate' ? 5e5 : 1e7;
  for (const end = memory[1] + ns; memory[1] < end; ) {
    const before = cpuNs();
    fn(iterations);
    memory[1] = cpuNs();
    memory[field] += memory[1] - before;
  }
}

exports.topLevel = () => slices(burnAtTopLevel, 2, 250e6);

exports.later = () =>
  setTimeout(() => {
    slices(burnLater, 3, 350e6);
    memory[4] = 2;
    if (how === 'terminate') slices(burnLater, 3, 20e9);
    if (how === 'exit') process.exit(5);
    if (how === 'throw') throw new Error('as told');
  });
