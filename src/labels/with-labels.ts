import { AsyncLocalStorage } from 'node:async_hooks';

import type { Labels, LabelSink } from './labels.ts';
import { addUserSource } from './user-sources.ts';

let storage: AsyncLocalStorage<Labels> | undefined;

/**
 * Runs `fn`; samples of it and of all that it starts, through any number of awaits, timers and callbacks, have
 * `labels`. Nested calls add to the labels around them; the inner value of a key wins. Where no profiler runs, it costs
 * what an `AsyncLocalStorage` costs.
 * @returns what `fn` returns
 */
export function withLabels<Result>(labels: Labels, fn: () => Result): Result {
  storage ??= createStorage();
  const around = storage.getStore();
  return storage.run(around === undefined ? labels : { ...around, ...labels }, fn);
}

function createStorage(): AsyncLocalStorage<Labels> {
  const created = new AsyncLocalStorage<Labels>();
  addUserSource({
    name: 'withLabels',
    isActive: () => true,
    collect(sink: LabelSink): void {
      const labels = created.getStore();
      if (labels === undefined) return;
      for (const [key, value] of Object.entries(labels)) sink.add(key, value);
    },
  });
  return created;
}
