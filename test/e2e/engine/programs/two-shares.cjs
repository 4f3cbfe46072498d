// Two functions, of which one works about twice as long as the other: says for how long. Waits now and then.
'use strict';

function burnOnce(rounds) {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (x * 31 + i) | 0; // @line burnOnce
  return x;
}

function burnTwice(rounds) {
  let x = 1;
  for (let i = 0; i < 2 * rounds; i++) x = (x * 31 + i) | 0; // @line burnTwice
  return x;
}

const retained = [];
function keepObjects() {
  for (let i = 0; i < 2000; i++) retained.push({ i, text: [i, i, i, i] });
}

const truth = { burnOnce: 0, burnTwice: 0 };
function timed(burn) {
  const start = performance.now();
  burn(5_000_000); // long beside the time between two samples, also on a busy machine
  truth[burn.name] += performance.now() - start;
}

const end = performance.now() + Number(process.argv[2] ?? 1500);
function turn() {
  // One call of each a turn: V8's profiler may count what is inlined to the caller.
  timed(burnOnce);
  timed(burnTwice);
  keepObjects();
  if (performance.now() < end) setTimeout(turn, 2);
  else console.log(JSON.stringify({ addon: addonIsLoaded(), listeners: process.listenerCount('SIGTERM'), truth }));
}

/** Whether an addon of hotspan's is in this process. */
function addonIsLoaded() {
  if (process.platform !== 'linux') return false;
  return /hotspan[^\n]*\.node$/m.test(require('node:fs').readFileSync('/proc/self/maps', 'utf8'));
}

// What a module that is done alone held would be collected: objects, and the code whose coverage is asked for.
globalThis.held = [retained, turn];
// Code that V8 compiled to go on within a running loop before its profiler began is never shown: an engine that fails
// its self-test is replaced within these milliseconds.
setTimeout(turn, 300);
