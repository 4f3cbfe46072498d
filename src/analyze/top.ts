import type { Profile } from 'pprof-format';
import { rowResolver, type RowKey, type TopBy } from './top-rows.ts';
import { selectSampleType } from './select-sample-type.ts';

export type { TopBy } from './top-rows.ts';

export interface TopOptions {
  /** @default 'function' */
  readonly by?: TopBy | undefined;
  /** Sample type, for example `cpu`. @default the profile's default, else its last type */
  readonly type?: string | undefined;
  /** Sorts by `cum` instead of `flat`. @default false */
  readonly cum?: boolean | undefined;
  /** Most rows to return. @default all */
  readonly limit?: number | undefined;
  /** What 100% is, for example the total before a filter. @default the total of this profile */
  readonly total?: number | undefined;
}

export interface TopRow {
  /** Function name (by function and line) or label value. */
  readonly name: string;
  /** Empty for labels and for frames without a file. */
  readonly file: string;
  /** Start line of the function, or the line itself (by line); 0 when not known. */
  readonly line: number;
  /** Value of samples whose innermost frame is this row. */
  readonly flat: number;
  /** Value of samples with this row anywhere in the stack; recursion counts once. */
  readonly cum: number;
  /** 0-100, of `total`. */
  readonly flatPercent: number;
  readonly cumPercent: number;
}

export interface TopTable {
  readonly by: TopBy;
  readonly type: string;
  readonly unit: string;
  /** The value that is 100%. */
  readonly total: number;
  /** The value of the samples looked at: less than `total` when a filter came before. */
  readonly matched: number;
  readonly sortedBy: 'flat' | 'cum';
  /** How many rows there are in all; `rows` holds at most `limit` of them. */
  readonly rowCount: number;
  readonly rows: readonly TopRow[];
}

/**
 * The rows that cost most, highest first. Linear in the size of the profile.
 * Throws ProfileError `HOTSPAN_ERR_PROFILE_TYPE` when the profile has no such sample type.
 */
export function topTable(profile: Profile, options: TopOptions = {}): TopTable {
  const by = options.by ?? 'function';
  const selected = selectSampleType(profile, options.type);
  const { matched, rows } = sumRows(profile, by, selected.index);
  const total = options.total ?? matched;
  const percent = (value: number): number => (total === 0 ? 0 : (value / total) * 100);
  const sortedBy = options.cum === true ? 'cum' : 'flat';
  const other = sortedBy === 'cum' ? 'flat' : 'cum';
  rows.sort((a, b) => b[sortedBy] - a[sortedBy] || b[other] - a[other] || compareText(a.name, b.name)
    || compareText(a.file, b.file) || a.line - b.line);
  return {
    by,
    type: selected.type,
    unit: selected.unit,
    total,
    matched,
    sortedBy,
    rowCount: rows.length,
    rows: rows.slice(0, options.limit).map((row) => ({
      ...row,
      flatPercent: percent(row.flat),
      cumPercent: percent(row.cum),
    })),
  };
}

interface RowSum extends RowKey { flat: number; cum: number }

function sumRows(profile: Profile, by: TopBy, valueIndex: number): { matched: number; rows: RowSum[] } {
  const { keys, rowsOf } = rowResolver(profile, by);
  const flat: number[] = [];
  const cum: number[] = [];
  // The last sample that counted the row: what makes recursion count once without a set per sample.
  const countedBy: number[] = [];
  let matched = 0;
  for (const [sampleIndex, sample] of profile.sample.entries()) {
    const value = Number(sample.value[valueIndex] ?? 0);
    if (value === 0) continue;
    matched += value;
    let isLeaf = true;
    rowsOf(sample, (row) => {
      if (isLeaf) flat[row] = (flat[row] ?? 0) + value;
      isLeaf = false;
      if (countedBy[row] === sampleIndex) return;
      countedBy[row] = sampleIndex;
      cum[row] = (cum[row] ?? 0) + value;
    });
  }
  const rows = keys.map((key, row) => ({ ...key, flat: flat[row] ?? 0, cum: cum[row] ?? 0 }));
  return { matched, rows: rows.filter((row) => row.flat !== 0 || row.cum !== 0) };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
