import { Label, type Profile } from 'pprof-format';

/** A sample's label as text. Either `text` or `number` is there. */
export interface PlainLabel {
  readonly key: string;
  readonly text?: string;
  readonly number?: number | bigint;
}

/**
 * Rewrites the labels of all samples of `profile` in place. `map` says what becomes of a label, undefined to drop it;
 * it is asked once for each distinct label.
 */
export function relabel(profile: Profile, map: (label: PlainLabel) => PlainLabel | undefined): void {
  const strings = profile.stringTable;
  const known = new Map<string, Label | undefined>();
  const mapped = (label: Label): Label | undefined => {
    const key = `${label.key},${label.str},${label.num},${label.numUnit}`;
    if (known.has(key)) return known.get(key);
    const result = map(plainLabel(label, strings.strings));
    const made =
      result === undefined
        ? undefined
        : new Label({
            key: strings.dedup(result.key),
            ...(result.text === undefined ? { num: result.number ?? 0 } : { str: strings.dedup(result.text) }),
          });
    known.set(key, made);
    return made;
  };
  for (const sample of profile.sample) {
    if (sample.label.length > 0) sample.label = sample.label.flatMap((label) => mapped(label) ?? []);
  }
}

export function plainLabel({ key, str, num }: Label, strings: readonly string[]): PlainLabel {
  const name = strings[Number(key)] ?? '';
  return str === 0 || str === 0n ? { key: name, number: num } : { key: name, text: strings[Number(str)] ?? '' };
}

/** The labels that hotspan itself puts on samples; every other one is the user's. */
export const ownLabels = {
  traceId: 'trace_id',
  spanId: 'span_id',
  localRootSpanId: 'local_root_span_id',
  endpoint: 'endpoint',
  thread: 'thread',
} as const;
