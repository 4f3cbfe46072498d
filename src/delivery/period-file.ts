import type { OutgoingPeriod } from './backend.ts';
import type { FinishedProfile } from './exporter.ts';

type Head = Omit<OutgoingPeriod, 'profiles'> & {
  readonly format: 1;
  readonly profiles: readonly { readonly type: FinishedProfile['type']; readonly length: number }[];
};

/** A period as the content of a file: one line of JSON, then the profiles' bytes one after the other. */
export function encodePeriodFile({ profiles, ...facts }: OutgoingPeriod): Uint8Array {
  const head: Head = { ...facts, format: 1, profiles: profiles.map(({ type, bytes }) => ({ type, length: bytes.length })) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...profiles.map(({ bytes }) => bytes)]);
}

/**
 * The first line of such a file up to what is known last: the id, `endMs` and the profiles' types and lengths, which
 * native code appends (native/v8/heap_sampler.cc), with the closing brace.
 */
export function encodePeriodFacts(facts: Omit<OutgoingPeriod, 'profiles' | 'id' | 'endMs'>): string {
  return JSON.stringify({ ...facts, format: 1 } satisfies Omit<Head, 'profiles' | 'id' | 'endMs'>).slice(0, -1);
}

/** Undefined for a file that is cut short or of another format. */
export function decodePeriodFile(content: Uint8Array): OutgoingPeriod | undefined {
  const lineEnd = content.indexOf(0x0a);
  if (lineEnd < 0) return undefined;
  try {
    const { format, profiles: lengths, ...facts } = JSON.parse(Buffer.from(content.subarray(0, lineEnd)).toString()) as Head;
    if (format !== 1) return undefined;
    let offset = lineEnd + 1;
    const profiles = lengths.map(({ type, length }): FinishedProfile => {
      const bytes = content.subarray(offset, offset + length);
      offset += length;
      return { type, bytes };
    });
    return offset === content.length ? { ...facts, profiles } : undefined;
  } catch {
    return undefined;
  }
}
