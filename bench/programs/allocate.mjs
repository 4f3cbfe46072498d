// Work that does little but allocate: short-lived objects, arrays, strings, closures and buffers, some of which stay a
// while. Fixed work; its time is the result.
import { finish, processCpuMs, readSettings } from './conversation.mjs';
import { loadHeapProfiler } from './heap-profilers.mjs';

const { rounds, intervalBytes, ...settings } = readSettings();
const profiler = await loadHeapProfiler(settings);
await profiler.start(intervalBytes);

const kept = [];
function round(n) {
  for (let i = 0; i < n; i++) {
    const record = { id: i, name: `item ${i}`, tags: [i, i + 1, i + 2], next: null };
    record.next = { find: () => record.id };
    if (i % 100 === 0) kept[(i / 100) % 5000] = record;
    if (i % 1000 === 0) kept[5000 + ((i / 1000) % 50)] = Buffer.alloc(16 * 1024, i);
  }
}

round(500_000);
const cpuBefore = processCpuMs();
const began = performance.now();
for (let i = 0; i < rounds; i++) {
  round(500_000);
  await new Promise(setImmediate);
}
const wallMs = performance.now() - began;
const cpuMs = processCpuMs() - cpuBefore;
await profiler.stop();
finish({ wallMs, cpuMs });
