// The same fixed work with the profiler off and on, over and over in one process, in random order: what the profiler adds
// is told from a few tenths of a percent on, because both halves of a pair have the same code, heap and processor. What
// starting and ending takes is measured beside it and is not part of the work. A pair of `none` is off and off: the
// error of the method.
import { context } from '@opentelemetry/api';
import { finish, processCpuMs, readSettings } from './conversation.mjs';
import { loadHeapProfiler } from './heap-profilers.mjs';
import { loadProfiler } from './profilers.mjs';
import { workloads } from './workloads.mjs';

const { workload: name, levels, repetitions, workMs, slices = 1, settleMs = 100, seed, rateHz, ...profilerSettings } = readSettings();
const workload = workloads[name];
let random = seed;
const chance = () => (random = (Math.imul(random, 1664525) + 1013904223) >>> 0) / 2 ** 32;

const results = new Map(levels.map((level) => [level, []]));
const profilers = new Map();
const following = new Set();
const profilerAt = async (level) => {
  const rate = workload.rateIsLevel ? level : rateHz;
  const load = profilerSettings.intervalBytes === undefined ? loadProfiler : loadHeapProfiler;
  if (!profilers.has(rate)) profilers.set(rate, await load({ ...profilerSettings, rateHz: rate }));
  return profilers.get(rate);
};

if (workload.ascending) {
  for (const level of levels) await pairsAt([level], repetitions);
} else {
  await pairsAt(levels, repetitions);
}
finish({ results: [...results] });

async function pairsAt(some, times) {
  const prepared = [];
  for (const level of some) {
    const work = await workload.prepare(level);
    const profiler = await profilerAt(level);
    if (!following.has(profiler)) profiler.followSpans?.(context._getContextManager());
    following.add(profiler);
    const units = workload.fixed ? 1 : await calibrate(work);
    await onePair(work, units, profiler); // both ways once, unmeasured
    prepared.push({ level, work, units, profiler });
  }
  for (let i = 0; i < times; i++) {
    for (const { level, work, units, profiler } of shuffled(prepared)) results.get(level).push(await onePair(work, units, profiler));
  }
}

/** How many units of work take `workMs`. */
async function calibrate(work) {
  await timed(work, 20);
  const { cpuMs } = await timed(work, 200);
  return Math.max(1, Math.round((200 * workMs) / cpuMs));
}

async function onePair(work, units, profiler) {
  const pair = {};
  for (const half of shuffled(['off', 'on'])) {
    if (half === 'off') {
      await settle(work, units);
      const { cpuMs, wallMs, sliceMs } = await timed(work, units, slices);
      pair.offMs = cpuMs;
      pair.offWallMs = wallMs;
      pair.offSliceMs = sliceMs;
      continue;
    }
    const began = performance.now();
    profiler.start();
    pair.startMs = performance.now() - began;
    await settle(work, units);
    const ownMs = ownMsOf(profiler);
    const { cpuMs, wallMs, sliceMs } = await timed(work, units, slices);
    pair.onMs = cpuMs;
    pair.wallMs = wallMs;
    pair.sliceMs = sliceMs;
    pair.ownMs = ownMsOf(profiler) - ownMs;
    await profiler.stop();
  }
  return pair;
}

/** Time of this thread that hotspan has used, by its own clocks; the kernel's for the signals is not in it. */
function ownMsOf(profiler) {
  const stats = profiler.stats?.();
  return stats === undefined ? 0 : stats.handler.totalMs + stats.drain.totalMs + stats.labels.asking.totalMs;
}

/**
 * What comes once after a start is the start's: symbols that are read, functions that are seen for the first time. So is
 * what comes after an end: a profiler that forces a full collection then leaves V8 a small young generation, and what
 * follows pays for its growth. Hence before both halves.
 */
async function settle(work, units) {
  for (const until = performance.now() + settleMs; performance.now() < until; ) await work(workload.fixed ? 0.1 : Math.ceil(units / 10));
}

/** Runs the work in equal slices, and takes the wall time of each as well. */
async function timed(work, units, count = 1) {
  const [cpu, began] = [processCpuMs(), performance.now()];
  const sliceMs = [];
  for (let last = began, i = 0; i < count; i++) {
    await work(units / count);
    const now = performance.now();
    sliceMs.push(now - last);
    last = now;
  }
  return { cpuMs: processCpuMs() - cpu, wallMs: performance.now() - began, sliceMs };
}

function shuffled(list) {
  return list.map((value) => ({ value, key: chance() })).sort((a, b) => a.key - b.key).map(({ value }) => value);
}
