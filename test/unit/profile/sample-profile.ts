import * as fc from 'fast-check';
import { Profile, StringTable } from 'pprof-format';

export interface StackSample {
  /** Innermost first, `name` or `name@file`. */
  readonly stack: readonly string[];
  readonly values: readonly (number | bigint)[];
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ProfileSpec {
  readonly types: readonly string[];
  readonly samples: readonly StackSample[];
  readonly header?: { timeNanos?: number | bigint; durationNanos?: number | bigint; comments?: readonly string[]; defaultType?: string };
}

/** Builds a profile the plain way: one location and function a name, `type/unit` sample types. */
export function buildProfile({ types, samples, header = {} }: ProfileSpec): Profile {
  const strings = new StringTable();
  const frames = [...new Set(samples.flatMap((sample) => sample.stack))];
  return new Profile({
    stringTable: strings,
    sampleType: types.map((type) => {
      const [name = '', unit = ''] = type.split('/');
      return { type: strings.dedup(name), unit: strings.dedup(unit) };
    }),
    function: frames.map((frame, i) => {
      const [name = '', file = ''] = frame.split('@');
      return { id: i + 1, name: strings.dedup(name), filename: strings.dedup(file), startLine: 1 };
    }),
    location: frames.map((_, i) => ({ id: i + 1, line: [{ functionId: i + 1, line: 10 + i }] })),
    sample: samples.map(({ stack, values, labels = {} }) => ({
      locationId: stack.map((frame) => frames.indexOf(frame) + 1),
      value: [...values],
      label: Object.entries(labels).map(([key, value]) => ({ key: strings.dedup(key), str: strings.dedup(value) })),
    })),
    timeNanos: header.timeNanos ?? 0,
    durationNanos: header.durationNanos ?? 0,
    comment: (header.comments ?? []).map((comment) => strings.dedup(comment)),
    defaultSampleType: strings.dedup(header.defaultType ?? ''),
  });
}

/** Every sample as one line of text with its totals: independent of ids, order and string tables. */
export function flatten(profile: Profile): Map<string, bigint[]> {
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '?';
  const functions = new Map(profile.function.map((fn) => [Number(fn.id), fn]));
  const locations = new Map(profile.location.map((location) => [Number(location.id), location]));
  const totals = new Map<string, bigint[]>();
  for (const sample of profile.sample) {
    const frames = sample.locationId.map((id) => locations.get(Number(id))?.line.map((line) => {
      const fn = functions.get(Number(line.functionId));
      return `${text(fn?.name ?? 0)}@${text(fn?.filename ?? 0)}:${line.line}`;
    }).join('<'));
    const labels = sample.label.map((label) => `${text(label.key)}=${text(label.str)}${label.num}${text(label.numUnit)}`).sort();
    const key = JSON.stringify([frames, labels]);
    const sums = totals.get(key) ?? sample.value.map(() => 0n);
    totals.set(key, sample.value.map((value, i) => BigInt(value) + (sums[i] ?? 0n)));
  }
  return totals;
}

/** Profiles of up to 12 samples over few names, so that stacks repeat and recur. Values cover all of int64. */
export function profileArbitrary(types: readonly string[] = ['samples/count', 'cpu/nanoseconds']): fc.Arbitrary<Profile> {
  const value = fc.oneof(fc.nat(1000), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
  const sample = fc.record({
    stack: fc.array(fc.constantFrom('a@x.js', 'b@x.js', 'a@y.js', 'gc', 'ünï@z'), { maxLength: 6 }),
    values: fc.tuple(...types.map(() => value)),
    labels: fc.dictionary(fc.constantFrom('thread', 'endpoint'), fc.constantFrom('main', 'GET /', 'x'), { maxKeys: 2 }),
  });
  return fc.record({
    samples: fc.array(sample, { maxLength: 12 }),
    timeNanos: fc.constantFrom(0, 5, 1_700_000_000_000_000_000n),
    durationNanos: fc.nat(1000),
  }).map(({ samples, ...header }) => buildProfile({ types, samples, header }));
}
