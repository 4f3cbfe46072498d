import type { Engine } from './engine.ts';

/**
 * What the end of a profile may wait for the builtins' symbols, without which it would name nothing: writing it needs
 * most of what is still being read. A disk that reads 100 MB a second needs 0.15 s.
 */
export const endPatienceMs = 2000;

/** False in the first milliseconds of a native engine: samples cannot be resolved yet. More where the disk is slow. */
const isReady = (engine: Pick<Engine, 'stats'>): boolean => engine.stats()?.ready !== false;

/** Blocks until every sample can be resolved. Gives the app no turn. */
export function waitUntilReady(engine: Pick<Engine, 'stats'>, patienceMs: number): void {
  if (isReady(engine)) return;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const end = performance.now() + patienceMs;
  while (!isReady(engine) && performance.now() < end) Atomics.wait(cell, 0, 0, 2);
}

/** The same in turns of the event loop; undefined when there is nothing to wait for. */
export function whenReady(engine: Pick<Engine, 'stats'>): Promise<void> | undefined {
  return isReady(engine) ? undefined : pollUntilReady(engine);
}

async function pollUntilReady(engine: Pick<Engine, 'stats'>): Promise<void> {
  const end = performance.now() + endPatienceMs;
  while (!isReady(engine) && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
}
