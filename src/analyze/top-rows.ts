import type { Location, Profile, Sample } from 'pprof-format';

/** What a row stands for: a function, a source line, or a value of a sample label. */
export type TopBy = 'function' | 'line' | `label:${string}`;

export interface RowKey { readonly name: string; readonly file: string; readonly line: number }

export interface RowResolver {
  /** One entry a row; grows while samples are resolved. */
  readonly keys: readonly RowKey[];
  /** Calls `onRow` with the index of every row the sample belongs to, innermost frame first, repeats included. */
  readonly rowsOf: (sample: Sample, onRow: (row: number) => void) => void;
}

export function rowResolver(profile: Profile, by: TopBy): RowResolver {
  const rows = new RowIndex();
  if (by.startsWith('label:')) return labelResolver(profile, by.slice('label:'.length), rows);
  const frames = frameRows(profile, by === 'line', rows);
  return {
    keys: rows.keys,
    rowsOf(sample, onRow) {
      for (const id of sample.locationId) {
        for (const row of frames.get(id) ?? []) onRow(row);
      }
    },
  };
}

function labelResolver(profile: Profile, key: string, rows: RowIndex): RowResolver {
  const { strings } = profile.stringTable;
  return {
    keys: rows.keys,
    rowsOf(sample, onRow) {
      const values = sample.label.filter((label) => strings[Number(label.key)] === key).map((label) => (
        label.str != 0 ? strings[Number(label.str)] ?? '' : `${label.num}${strings[Number(label.numUnit)] ?? ''}`
      ));
      for (const value of values.length === 0 ? ['(none)'] : values) onRow(rows.index({ name: value, file: '', line: 0 }, value));
    },
  };
}

/** The rows of each location, innermost inlined frame first. */
function frameRows(profile: Profile, byLine: boolean, rows: RowIndex): Map<Sample['locationId'][number], number[]> {
  const { strings } = profile.stringTable;
  const functions = new Map(profile.function.map((fn) => [fn.id, fn]));
  const mappings = new Map(profile.mapping.map((mapping) => [mapping.id, mapping]));
  const textAt = (index: number | bigint): string => strings[Number(index)] ?? '';
  const rowsOf = (location: Location): number[] => {
    if (location.line.length === 0) {
      const file = textAt(mappings.get(location.mappingId)?.filename ?? 0);
      const name = `0x${location.address.toString(16)}`;
      return [rows.index({ name, file, line: 0 }, JSON.stringify([name, file]))];
    }
    return location.line.map(({ functionId, line }) => {
      const fn = functions.get(functionId);
      const name = textAt(fn?.name ?? 0);
      const file = textAt(fn?.filename ?? 0);
      const lineNumber = Number(line);
      if (!byLine) return rows.index({ name, file, line: Number(fn?.startLine ?? 0) }, JSON.stringify([name, file]));
      // Frames without a file or line (builtins, native code) have only their name to tell them apart.
      const key = file !== '' && lineNumber > 0 ? JSON.stringify([file, lineNumber]) : JSON.stringify([name, file, lineNumber]);
      return rows.index({ name, file, line: lineNumber }, key);
    });
  };
  return new Map(profile.location.map((location) => [location.id, rowsOf(location)]));
}

class RowIndex {
  readonly keys: RowKey[] = [];
  readonly #byKey = new Map<string, number>();

  index(row: RowKey, key: string): number {
    let index = this.#byKey.get(key);
    if (index === undefined) {
      index = this.keys.push(row) - 1;
      this.#byKey.set(key, index);
    }
    return index;
  }
}
