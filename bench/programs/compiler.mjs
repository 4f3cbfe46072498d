// A process that has loaded the TypeScript compiler and run it; then a profiler starts and rotates while it works on.
// How long the event loop is blocked is measured twice: around the call, and as the longest turn of a loop that has
// nothing else to do, which also sees what the call leaves behind (promises, callbacks of libuv's pool, drains). Turns
// are counted in CPU time: other processes would lengthen them otherwise.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { cpuNs, finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';
import { typeCheck } from './type-check.mjs';

const { rotations, workMs, ...profilerSettings } = readSettings();
const profiler = await loadProfiler(profilerSettings);
const root = fileURLToPath(new URL('../../', import.meta.url));
typeCheck(root);

const startCosts = await blockedBy(() => profiler.start());
const rotationCosts = [];
for (let i = 0; i < rotations; i++) {
  work();
  rotationCosts.push(await blockedBy(() => profiler.rotate()));
}
// The same watch over nothing: what the machine itself does to a loop.
const control = [];
for (let i = 0; i < rotations; i++) {
  work();
  control.push(await blockedBy(() => {}));
}
await profiler.stop();
finish({ start: startCosts, rotations: rotationCosts, control });

function work() {
  for (const end = performance.now() + workMs; performance.now() < end; ) {
    ts.transpileModule(ts.sys.readFile(fileURLToPath(new URL('compiler.mjs', import.meta.url))), {
      compilerOptions: { target: ts.ScriptTarget.ES5 },
    });
  }
}

async function blockedBy(call) {
  await sleep(50); // what was going on before has ended
  const watch = watchLoop();
  await sleep(5);
  const [cpu, began] = [cpuNs(), performance.now()];
  call();
  const callMs = performance.now() - began;
  const callCpuMs = (cpuNs() - cpu) / 1e6;
  await sleep(300);
  return { callMs, callCpuMs, turnMs: watch.end() };
}

/** Turns the loop as fast as it goes; `end()` gives the longest turn. */
function watchLoop() {
  let longestNs = 0;
  let last = cpuNs();
  let turning = true;
  const turn = () => {
    const now = cpuNs();
    longestNs = Math.max(longestNs, now - last);
    last = now;
    if (turning) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    end() {
      turning = false;
      return longestNs / 1e6;
    },
  };
}
