import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import type { Frame } from './pprof-query.ts';

export type HeapType = 'alloc_objects' | 'alloc_space' | 'inuse_objects' | 'inuse_space';

export interface HeapSample {
  /** Leaf first. */
  readonly frames: readonly Frame[];
  readonly values: Readonly<Partial<Record<HeapType, number>>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface HeapView {
  readonly samples: readonly HeapSample[];
  readonly types: readonly HeapType[];
  readonly defaultType: string;
  readonly comments: readonly string[];
}

/** Decodes a gzip pprof file of hotspan's heap type. */
export function readHeap(gzipped: Uint8Array): HeapView {
  const profile = Profile.decode(gunzipSync(gzipped));
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  const types = profile.sampleType.map(({ type }) => text(type) as HeapType);
  const functions = new Map(profile.function.map((fn) => [Number(fn.id), fn]));
  const frames = new Map(
    profile.location.map((location) => [
      Number(location.id),
      location.line.map(({ functionId, line }): Frame => {
        const fn = functions.get(Number(functionId));
        return { name: text(fn?.name ?? 0), file: text(fn?.filename ?? 0), line: Number(line), startLine: Number(fn?.startLine ?? 0) };
      }),
    ]),
  );
  const samples = profile.sample.map((sample): HeapSample => ({
    frames: sample.locationId.flatMap((id) => frames.get(Number(id)) ?? []),
    values: Object.fromEntries(types.map((type, at) => [type, Number(sample.value[at])])),
    labels: Object.fromEntries(sample.label.map((label) => [text(label.key), text(label.str)])),
  }));
  return { samples, types, defaultType: text(profile.defaultSampleType), comments: profile.comment.map(text) };
}

/** The sum of one type over the samples that have the function in their stack. */
export function heapOf(heap: HeapView, name: string, type: HeapType): number {
  const inside = heap.samples.filter(({ frames }) => frames.some((frame) => frame.name === name));
  return inside.reduce((sum, { values }) => sum + (values[type] ?? 0), 0);
}

/** Each function's own sum: of the samples that have it on top. */
export function flatHeap(heap: HeapView, type: HeapType): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { frames, values } of heap.samples) {
    const name = frames[0]?.name ?? '';
    sums.set(name, (sums.get(name) ?? 0) + (values[type] ?? 0));
  }
  return sums;
}
