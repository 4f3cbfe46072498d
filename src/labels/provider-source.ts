import type { LabelProvider, LabelSink, LabelSource } from './labels.ts';

/** A user's label provider as a source. */
export function providerSource(provider: LabelProvider): LabelSource {
  const name = `label provider '${provider.name || 'anonymous'}'`;
  return {
    name,
    isActive: () => true,
    collect(sink: LabelSink): void {
      const labels: unknown = provider();
      if (labels === undefined || labels === null) return;
      if (typeof labels !== 'object') throw new TypeError(`it returned a ${typeof labels}, not an object of labels`);
      if (labels instanceof Promise) {
        // Its failure is nobody's but ours: left alone it would end the app.
        labels.catch(() => {});
        throw new TypeError('it returned a promise; labels must be there at once');
      }
      for (const [key, value] of Object.entries(labels)) {
        if (value !== undefined && value !== null) sink.add(key, value as string | number);
      }
    },
  };
}
