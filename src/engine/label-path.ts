import { AsyncLocalStorage } from 'node:async_hooks';

import type { LabelEngine } from './label-engine.ts';

/**
 * How labels find the context of a sample: `async-context-frame` enters the sampled context anew, at no cost but per
 * sample; `async-hooks` looks at each change of context, for Node 20 and for 22 and 26 where it is turned off.
 */
export type LabelPath = 'async-context-frame' | 'async-hooks';

let known: LabelPath | undefined;

/** Found by trying: flags, NODE_OPTIONS and defaults of a version all come to the same. */
export function labelPath(engine: Pick<LabelEngine, 'isInsideContextFrame'>): LabelPath {
  if (known !== undefined) return known;
  const storage = new AsyncLocalStorage<boolean>();
  // The old implementation says whether its hooks are on. To try it would turn them on and off: a millisecond.
  if ('enabled' in storage) return (known = 'async-hooks');
  known = storage.run(true, () => engine.isInsideContextFrame()) ? 'async-context-frame' : 'async-hooks';
  // Else the async hooks of the old implementation stay on.
  storage.disable();
  return known;
}
