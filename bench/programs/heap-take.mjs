// A process that holds the TypeScript compiler's program takes its heap profile again and again while it works on. The
// cost is what the JS thread is blocked for.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { cpuNs, finish, readSettings } from './conversation.mjs';
import { loadHeapProfiler } from './heap-profilers.mjs';
import { createTypeProgram } from './type-check.mjs';

const { takes, ...settings } = readSettings();
const root = fileURLToPath(new URL('../../', import.meta.url));
const profiler = await loadHeapProfiler(settings);
profiler.start();
// What stays in memory: the program with all its types, as in an editor's language server.
globalThis.program = createTypeProgram(root);

const costs = [];
for (let i = 0; i < takes; i++) {
  work();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const [cpu, began] = [cpuNs(), performance.now()];
  const taken = profiler.take();
  const cost = { callMs: performance.now() - began, cpuMs: (cpuNs() - cpu) / 1e6 };
  costs.push({ ...cost, bytes: await taken });
}
await profiler.stop();
finish({ costs, heapUsed: process.memoryUsage().heapUsed });

function work() {
  for (const end = performance.now() + 300; performance.now() < end; ) {
    ts.transpileModule(ts.sys.readFile(fileURLToPath(import.meta.url)), { compilerOptions: { target: ts.ScriptTarget.ES5 } });
  }
}
