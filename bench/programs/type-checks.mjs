// Type-checks this package's sources a few times, the first time before the profiler starts.
import { fileURLToPath } from 'node:url';
import { finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';
import { typeCheck } from './type-check.mjs';

const { times, ...profilerSettings } = readSettings();
const root = fileURLToPath(new URL('../../', import.meta.url));
const profiler = await loadProfiler(profilerSettings);
typeCheck(root);
profiler.start();
const cpuBefore = process.cpuUsage();
const began = performance.now();
for (let i = 0; i < times; i++) {
  typeCheck(root);
  await new Promise(setImmediate);
}
const wallMs = performance.now() - began;
const { user, system } = process.cpuUsage(cpuBefore);
const stats = profiler.stats();
await profiler.stop();
finish({ wallMs, cpuMs: (user + system) / 1000, stats });
