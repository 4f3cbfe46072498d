import { Profile, StringTable, type FunctionInput, type LocationInput, type SampleInput } from 'pprof-format';

import type { ProfileHeader } from '../engine.ts';
import type { LocationTable } from './location-table.ts';

export interface StacksToEncode {
  /** The first is the period's; `values` of a stack stand in this order. */
  readonly sampleTypes: readonly (readonly [type: string, unit: string])[];
  readonly defaultType: string;
  readonly periodType: readonly [type: string, unit: string];
  readonly period: number;
  readonly stacks: Iterable<{ readonly locations: readonly number[]; readonly values: readonly number[] }>;
}

/** Stacks of the main thread as uncompressed pprof. */
export function encodeStacks(what: StacksToEncode, header: ProfileHeader, table: LocationTable): Uint8Array {
  const strings = new StringTable();
  const places = new PlaceTables(table, strings);
  const label = [{ key: strings.dedup('thread'), str: strings.dedup('main') }];
  const sample: SampleInput[] = [];
  for (const { locations, values } of what.stacks) {
    const value = values.map(Math.round);
    if (value.every((each) => each === 0)) continue;
    sample.push({ locationId: locations.map((id) => places.idOf(id)), value, label });
  }
  const valueType = ([type, unit]: readonly [string, string]): { type: number; unit: number } => ({
    type: strings.dedup(type),
    unit: strings.dedup(unit),
  });
  return new Profile({
    stringTable: strings,
    sampleType: what.sampleTypes.map(valueType),
    sample,
    location: places.locations,
    function: places.functions,
    timeNanos: BigInt(Math.round(header.startMs)) * 1_000_000n,
    durationNanos: BigInt(Math.round(header.durationMs * 1e6)),
    periodType: valueType(what.periodType),
    period: what.period,
    comment: header.comments.map((line) => strings.dedup(line)),
    defaultSampleType: strings.dedup(what.defaultType),
  }).encode();
}

/** The profile's own functions and locations: what no sample uses is left out, what maps made equal is one. */
class PlaceTables {
  readonly functions: FunctionInput[] = [];
  readonly locations: LocationInput[] = [];
  readonly #table: LocationTable;
  readonly #strings: StringTable;
  readonly #ids = new Map<number, number>();
  readonly #byPlace = new Map<string, number>();
  readonly #functionIds = new Map<string, number>();

  constructor(table: LocationTable, strings: StringTable) {
    this.#table = table;
    this.#strings = strings;
  }

  idOf(id: number): number {
    let place = this.#ids.get(id);
    if (place !== undefined) return place;
    const { name, file, startLine, line } = this.#table.get(id);
    const functionId = this.#functionId(name, file, startLine);
    const key = `${functionId}:${line}`;
    place = this.#byPlace.get(key);
    if (place === undefined) {
      place = this.locations.length + 1;
      this.locations.push({ id: place, line: [{ functionId, line }] });
      this.#byPlace.set(key, place);
    }
    this.#ids.set(id, place);
    return place;
  }

  #functionId(name: string, file: string, startLine: number): number {
    const key = `${startLine}\n${name}\n${file}`;
    let id = this.#functionIds.get(key);
    if (id === undefined) {
      id = this.functions.length + 1;
      const string = this.#strings.dedup(name);
      this.functions.push({ id, name: string, systemName: string, filename: this.#strings.dedup(file), startLine });
      this.#functionIds.set(key, id);
    }
    return id;
  }
}
