// A profiler starts and rotates in an app that works on. How long the event loop is blocked is measured three times:
// around the call; as the longest turn of a loop that has nothing else to do, in CPU time, which also sees what the call
// leaves behind (promises, callbacks of libuv's pool, drains) and is not lengthened by other processes; and as what
// Node's own monitor of the loop's delay says.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadApp } from './apps.mjs';
import { cpuNs, finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const { app, rotations, workMs, ...profilerSettings } = readSettings();
const watchMs = 400;
const resolutionMs = 1;
const profiler = await loadProfiler(profilerSettings);
const work = await loadApp(app);

const start = await blockedBy(() => profiler.start());
const rotationCosts = [];
for (let i = 0; i < rotations; i++) {
  work(workMs);
  rotationCosts.push(await blockedBy(() => void profiler.rotate()));
}
await profiler.stop();
finish({ start, rotations: rotationCosts });

async function blockedBy(call) {
  await sleep(50); // what was going on before has ended
  const turns = watchTurns();
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  await sleep(20);
  const [cpu, began] = [cpuNs(), performance.now()];
  call();
  const callMs = performance.now() - began;
  const callCpuMs = (cpuNs() - cpu) / 1e6;
  await sleep(watchMs);
  delay.disable();
  const above = (ns) => Math.max(0, ns / 1e6 - resolutionMs);
  return { callMs, callCpuMs, turnMs: turns.end(), p50Ms: above(delay.percentile(50)), p99Ms: above(delay.percentile(99)), maxMs: above(delay.max) };
}

/** Turns the loop as fast as it goes; `end()` gives the longest turn. */
function watchTurns() {
  let longestNs = 0;
  let last = cpuNs();
  let turning = true;
  const turn = () => {
    const now = cpuNs();
    longestNs = Math.max(longestNs, now - last);
    last = now;
    if (turning) setTimeout(turn);
  };
  setTimeout(turn);
  return {
    end() {
      turning = false;
      return longestNs / 1e6;
    },
  };
}
