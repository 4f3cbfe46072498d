// Burns CPU time in the functions of a plan and keeps the truth about it: nanoseconds of *this thread's* CPU time,
// measured around every call. Interleaves short slices, so that a change of the machine's speed hits all functions
// alike. One reading costs about 3 us and a slice lasts milliseconds: the harness itself is about 0.1% of the whole.
// Programs keep a burning loop on one line, head included: V8's position tables give a few percent of it to the head.
'use strict';
const fs = require('node:fs');

const clockFd = fs.openSync('/proc/thread-self/schedstat', 'r');
const clockText = Buffer.alloc(128);

/** CPU nanoseconds of the main thread. schedstat alone is as old as the last tick; getrusage brings it up to date. */
function cpuNs() {
  process.cpuUsage();
  const length = fs.readSync(clockFd, clockText, 0, 128, 0);
  return Number(clockText.latin1Slice(0, length).split(' ')[0]);
}

const truth = {};
const lines = {};
let sink = 0;

function credit(owners, ns) {
  for (const [name, part] of Object.entries(owners)) truth[name] = (truth[name] ?? 0) + ns * part;
}

/** For code that runs outside a plan, such as a module's top level. */
function addTruth(name, ns) {
  credit({ [name]: 1 }, ns);
}

/** Burns once, in one go: for loops that must be entered a single time. */
function burnOnce(name, fn, n) {
  const before = cpuNs();
  sink ^= fn(n);
  const ns = cpuNs() - before;
  credit({ [name]: 1 }, ns);
  return ns;
}

/**
 * Runs the plan for `seconds` of CPU time. An entry is { name, share, fn, owners? }: `fn(n)` burns time in proportion
 * to n, may be async, and gets `share` of the whole; `owners` tells how its time is divided when not all of it
 * belongs to `name`: { function: part of 1 }.
 */
async function burn(plan, seconds = Number(process.env.HOTSPAN_TEST_SECONDS ?? 3.2)) {
  const roundNs = 40e6;
  const entries = plan.map((entry) => ({ ...entry, n: 1, nsPerN: undefined }));
  for (let left = seconds * 1e9; left > 0; ) {
    for (const entry of shuffle(entries)) {
      if (entry.nsPerN) entry.n = Math.max(1, Math.round((entry.share * roundNs) / entry.nsPerN));
      const before = cpuNs();
      const result = entry.fn(entry.n);
      if (result instanceof Promise) await result;
      else sink ^= result;
      const ns = cpuNs() - before;
      credit(entry.owners ?? { [entry.name]: 1 }, ns);
      entry.nsPerN = ns / entry.n;
      left -= ns;
    }
  }
}

let random = 42;
function shuffle(list) {
  for (let i = list.length - 1; i > 0; i--) {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
    const j = random % (i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

/** For code that has no `@burn` mark in a file: { name: { file?, line } }. */
function addLines(more) {
  Object.assign(lines, more);
}

function report() {
  console.log(JSON.stringify({ cpuNs: truth, lines, sink: sink === 0.5 }));
}

exports.cpuNs = cpuNs;
exports.addTruth = addTruth;
exports.burnOnce = burnOnce;
exports.burn = burn;
exports.addLines = addLines;
exports.report = report;
