import {
  StringTable,
  type Function as ProfileFunction,
  type Location,
  type LocationInput,
  type Mapping,
  type FunctionInput,
  type MappingInput,
  type Profile,
} from 'pprof-format';
import { addNumeric, normalizeNumeric, subtractNumeric, type Numeric } from './numeric.ts';

/** Translates the indexes and ids of one source profile into those of the merged tables, adding entries on first use. */
export interface SourceTables {
  string(index: Numeric): number;
  location(id: Numeric): number;
}

/** A mapping of the merged profile, and what to add to a source address to get the merged one. */
interface PlacedMapping { readonly id: number; readonly start: Numeric; readonly shift: Numeric }

const noMapping: PlacedMapping = { id: 0, start: 0, shift: 0 };
const pageBytes = 4096n;
/** How far an id may lie beyond the highest seen and still be kept in an array. */
const maxDenseGap = 65_536;

/** Deduplicated strings, mappings, functions and locations of several profiles; ids count from 1. */
export class MergedTables {
  readonly strings = new StringTable();
  readonly mappings: MappingInput[] = [];
  readonly functions: FunctionInput[] = [];
  readonly locations: LocationInput[] = [];
  readonly #mappingByKey = new Map<string, number>();
  readonly #functionByKey = new Map<string, number>();
  readonly #locationByKey = new Map<string, number>();

  text(text: string): number {
    return this.strings.dedup(text);
  }

  source(profile: Profile): SourceTables {
    const { strings } = profile.stringTable;
    const string = cached((index: Numeric) => this.text(strings[Number(index)] ?? ''));
    const mappingsById = byId(profile.mapping);
    const functionsById = byId(profile.function);
    const locationsById = byId(profile.location);
    const mapping = cached((id: Numeric) => this.#placeMapping(mappingsById.get(id), string));
    const fn = cached((id: Numeric) => this.#addFunction(functionsById.get(id), string));
    const location = cached((id: Numeric) => this.#addLocation(locationsById.get(id), mapping, fn));
    return { string, location };
  }

  /**
   * Equal build (or file), offset and size mean the same binary, wherever the address space put it: sizes are
   * compared in whole pages and addresses moved, as google/pprof's merge does.
   */
  #placeMapping(source: Mapping | undefined, string: (index: Numeric) => number): PlacedMapping {
    if (source === undefined) return noMapping;
    const filename = string(source.filename);
    const buildId = string(source.buildId);
    const size = BigInt(subtractNumeric(source.memoryLimit, source.memoryStart));
    const pages = (size + pageBytes - 1n) / pageBytes;
    const key = `${pages},${source.fileOffset},${buildId === 0 ? `f${filename}` : `b${buildId}`}`;
    let id = this.#mappingByKey.get(key);
    if (id === undefined) {
      id = this.mappings.push({ ...source, id: this.mappings.length + 1, filename, buildId });
      this.#mappingByKey.set(key, id);
    }
    const start = this.mappings[id - 1]?.memoryStart ?? 0;
    return { id, start, shift: subtractNumeric(start, source.memoryStart) };
  }

  #addFunction(source: ProfileFunction | undefined, string: (index: Numeric) => number): number {
    if (source === undefined) return 0;
    const name = string(source.name);
    const systemName = string(source.systemName);
    const filename = string(source.filename);
    const key = `${name},${systemName},${filename},${source.startLine}`;
    let id = this.#functionByKey.get(key);
    if (id === undefined) {
      id = this.functions.push({ id: this.functions.length + 1, name, systemName, filename, startLine: source.startLine });
      this.#functionByKey.set(key, id);
    }
    return id;
  }

  #addLocation(
    source: Location | undefined,
    mapping: (id: Numeric) => PlacedMapping,
    fn: (id: Numeric) => number,
  ): number {
    if (source === undefined) return 0;
    const placed = mapping(source.mappingId);
    const address = addNumeric(source.address, placed.shift);
    let key = `${placed.id},${subtractNumeric(address, placed.start)},${source.isFolded}`;
    const line = source.line.map(({ functionId, line: number, column }) => {
      const merged = { functionId: fn(functionId), line: number, column };
      key += `|${merged.functionId},${number},${column}`;
      return merged;
    });
    let id = this.#locationByKey.get(key);
    if (id === undefined) {
      id = this.locations.push({ id: this.locations.length + 1, mappingId: placed.id, address, line, isFolded: source.isFolded });
      this.#locationByKey.set(key, id);
    }
    return id;
  }
}

function byId<T extends { readonly id: Numeric }>(items: readonly T[]): Map<Numeric, T> {
  return new Map(items.map((item) => [normalizeNumeric(item.id), item]));
}

/** Remembers results: by array for the small dense ids profiles nearly always have, by map for any other. */
function cached<T>(compute: (key: Numeric) => T): (key: Numeric) => T {
  const dense: (T | undefined)[] = [];
  const sparse = new Map<Numeric, T>();
  return (rawKey) => {
    const key = normalizeNumeric(rawKey);
    const index = typeof key === 'number' && key >= 0 && key <= dense.length + maxDenseGap ? key : -1;
    let value = index >= 0 ? dense[index] : sparse.get(key);
    if (value === undefined) {
      value = compute(key);
      if (index >= 0) dense[index] = value;
      else sparse.set(key, value);
    }
    return value;
  };
}
