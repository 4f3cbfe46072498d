import { createHash } from 'node:crypto';
import type { Profile } from 'pprof-format';
import { decodeProfile } from '../../profile/decode-profile.ts';
import { sampleTypeNames } from '../../profile/merge-sample-types.ts';
import type { OutgoingPeriod } from '../backend.ts';
import { Dictionary } from './dictionary.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { resourceAttributes } from './resource-attributes.ts';
import { samplePlaces, type SamplePlace } from './sample-places.ts';

/**
 * `ExportProfilesServiceRequest` of a period. OTLP has one sample type a profile: a pprof with three of them becomes
 * three profiles that share one dictionary. Undefined when no profile has a sample.
 * Field numbers: opentelemetry-proto 1.10, collector/profiles/v1development and profiles/v1development.
 * The format is not stable before v1: all that knows it is in this folder.
 */
export function encodeProfilesRequest(period: OutgoingPeriod): Uint8Array | undefined {
  const dictionary = new Dictionary();
  const writer = new ProtobufWriter();
  let profiles = 0;
  writer.message(1, () => {
    writer.message(1, () => writeResource(writer, period));
    writer.message(2, () => {
      writer.message(1, () => {
        writer.string(1, 'hotspan');
        writer.string(2, period.resource.profilerVersion);
      });
      for (const { type, bytes } of period.profiles) {
        profiles += writeProfiles(writer, dictionary, `${period.id} ${type}`, decodeProfile(bytes));
      }
    });
  });
  if (profiles === 0) return undefined;
  writer.message(2, () => dictionary.write(writer));
  return writer.finish();
}

function writeResource(writer: ProtobufWriter, { resource }: OutgoingPeriod): void {
  for (const [key, value] of Object.entries(resourceAttributes(resource))) {
    writer.message(1, () => {
      writer.string(1, key);
      writer.message(2, () => {
        if (typeof value === 'string') writer.stringElement(1, value);
        else writer.integer(3, value);
      });
    });
  }
}

/** Writes a profile for each sample type that has values, and returns how many. */
function writeProfiles(writer: ProtobufWriter, dictionary: Dictionary, id: string, profile: Profile): number {
  const places = samplePlaces(profile, dictionary);
  const { strings } = profile.stringTable;
  const text = (index: number | bigint): string => strings[Number(index)] ?? '';
  let written = 0;
  sampleTypeNames(profile).forEach(({ type, unit }, column) => {
    const sums = addUp(profile, places, column);
    if (sums.size === 0) return;
    written++;
    writer.message(2, () => {
      writer.message(1, () => {
        writer.integer(1, dictionary.string(type));
        writer.integer(2, dictionary.string(unit));
      });
      for (const [place, value] of sums) writeSample(writer, place, value);
      writer.fixed64(3, profile.timeNanos);
      writer.integer(4, profile.durationNanos);
      if (profile.periodType !== undefined && profile.period !== 0) {
        const { type: periodType, unit: periodUnit } = profile.periodType;
        writer.message(5, () => {
          writer.integer(1, dictionary.string(text(periodType)));
          writer.integer(2, dictionary.string(text(periodUnit)));
        });
        writer.integer(6, profile.period);
      }
      writer.bytes(7, profileId(`${id} ${type}`));
    });
  });
  return written;
}

/** The values of one column, those of equal samples in one. What adds up to nothing is left out. */
function addUp(profile: Profile, places: readonly SamplePlace[], column: number): Map<SamplePlace, number | bigint> {
  const sums = new Map<SamplePlace, number | bigint>();
  profile.sample.forEach((sample, index) => {
    const place = places[index];
    const value = sample.value[column] ?? 0;
    if (place === undefined || value === 0 || value === 0n) return;
    const before = sums.get(place);
    sums.set(place, before === undefined ? value : sum(before, value));
  });
  return sums;
}

function sum(a: number | bigint, b: number | bigint): number | bigint {
  const fast = typeof a === 'number' && typeof b === 'number' ? a + b : NaN;
  return Number.isSafeInteger(fast) ? fast : BigInt.asIntN(64, BigInt(a) + BigInt(b));
}

function writeSample(writer: ProtobufWriter, { stack, attributes, link }: SamplePlace, value: number | bigint): void {
  writer.message(2, () => {
    writer.integer(1, stack);
    writer.packed(2, attributes);
    writer.integer(3, link);
    writer.packed(4, [value]);
  });
}

/** The same 16 bytes for each attempt to send this profile. */
function profileId(text: string): Uint8Array {
  return createHash('sha256').update(text).digest().subarray(0, 16);
}
