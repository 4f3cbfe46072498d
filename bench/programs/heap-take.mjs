// A process that holds the TypeScript compiler's program takes its heap profile again and again while it works on. The
// cost is what the JS thread is blocked for: for hotspan ending the period, for @datadog/pprof `heap.profile()` and the
// encoding, which it does on the same thread.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { cpuNs, finish, readSettings } from './conversation.mjs';
import { createTypeProgram } from './type-check.mjs';

const { variant, directory, datadog, takes, intervalBytes } = readSettings();
const root = fileURLToPath(new URL('../../', import.meta.url));
const { take, stop } = await (variant === 'hotspan' ? hotspan() : datadogHeap());
// What stays in memory: the program with all its types, as in an editor's language server.
globalThis.program = createTypeProgram(root);

const costs = [];
for (let i = 0; i < takes; i++) {
  work();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const [cpu, began] = [cpuNs(), performance.now()];
  const size = take();
  costs.push({ callMs: performance.now() - began, cpuMs: (cpuNs() - cpu) / 1e6, size });
}
await stop();
finish({ costs, heapUsed: process.memoryUsage().heapUsed });

function work() {
  for (const end = performance.now() + 300; performance.now() < end; ) {
    ts.transpileModule(ts.sys.readFile(fileURLToPath(import.meta.url)), { compilerOptions: { target: ts.ScriptTarget.ES5 } });
  }
}

async function hotspan() {
  const { createDelivery, createProfiler, settleOptions } = await import(new URL('../../dist/bench/profiler.js', import.meta.url));
  const { options, log } = settleOptions({
    profiles: ['heap'],
    period: 0,
    heapInterval: intervalBytes,
    export: `file:${directory}`,
  });
  const profiler = createProfiler(options, createDelivery(options, process.env, log).exporters, log);
  profiler.start();
  return { take: () => void profiler.rotate(), stop: () => profiler.stop() };
}

async function datadogHeap() {
  const { heap, encodeSync } = createRequire(import.meta.url)(datadog);
  heap.start(intervalBytes, 64);
  return { take: () => encodeSync(heap.profile()).length, stop: async () => heap.stop() };
}
