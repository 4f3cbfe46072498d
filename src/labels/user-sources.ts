import type { LabelProvider, LabelSource } from './labels.ts';
import { providerSource } from './provider-source.ts';

const sources: LabelSource[] = [];
let changed: () => void = () => {};

/**
 * Adds labels to samples: `provider` is called in the async context of a sample, soon after it and at most once for
 * each, never for a span or an await. It should only look things up: it has some ms in each second, beyond which
 * samples go without its labels. One that throws loses the labels of that sample, and is reported once.
 * @returns removes the provider
 */
export function addLabelProvider(provider: LabelProvider): () => void {
  if (typeof provider !== 'function') throw new TypeError('addLabelProvider: give a function that returns an object of labels');
  const source = providerSource(provider);
  sources.push(source);
  changed();
  return () => {
    const at = sources.indexOf(source);
    if (at >= 0) sources.splice(at, 1);
    changed();
  };
}

/** Adds a source that is there for good, when it is first used. */
export function addUserSource(source: LabelSource): void {
  sources.push(source);
  changed();
}

/** Those of the app itself, in the order they were added; `listener` hears of changes. One listener. */
export function userSources(listener: () => void): readonly LabelSource[] {
  changed = listener;
  return sources;
}
