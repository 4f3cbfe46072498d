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

/** Burns in short slices, so that what is measured when the worker is terminated is nearly up to date. */
function slices(fn, field, ns) {
  for (const end = memory[1] + ns; memory[1] < end; ) {
    const before = cpuNs();
    fn(5e5);
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
