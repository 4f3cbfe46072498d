import type { Engine } from './engine.ts';

/** Blocks until every sample can be resolved: the first milliseconds of a native engine. Gives the app no turn. */
export function waitUntilReady(engine: Engine, patienceMs: number): void {
  if (engine.stats()?.ready === true) return;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const end = performance.now() + patienceMs;
  while (engine.stats()?.ready !== true && performance.now() < end) Atomics.wait(cell, 0, 0, 2);
}
