// The TypeScript compiler at work for a while, then its profile is ended and encoded, with nothing else going on: what that
// takes in all threads, and what comes out.
import { setTimeout as sleep } from 'node:timers/promises';
import { loadApp } from './apps.mjs';
import { cpuNs, finish, processCpuMs, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const { workMs, takes, ...profilerSettings } = readSettings();
const profiler = await loadProfiler(profilerSettings);
const work = await loadApp('typescript');
profiler.start();
const profiles = [];
for (let i = 0; i < takes; i++) {
  work(workMs);
  await sleep(100);
  const [allCpu, jsCpu, began] = [processCpuMs(), cpuNs(), performance.now()];
  const { bytes, samples } = await profiler.rotate();
  const cost = { wallMs: performance.now() - began, cpuMs: processCpuMs() - allCpu, jsCpuMs: (cpuNs() - jsCpu) / 1e6 };
  profiles.push({ ...cost, bytes, samples: await samples() });
}
await profiler.stop();
finish({ profiles });
