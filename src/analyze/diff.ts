import type { Profile } from 'pprof-format';
import { matchFunctions, type FunctionPair } from './match-functions.ts';
import { ProfileError } from '../profile/profile-error.ts';
import { sideCosts, type CostOptions, type FunctionCost, type SideCosts } from './side-costs.ts';
import { sum } from './sum.ts';

export interface DiffOptions extends CostOptions {
  /** What a row stands for. @default 'function' */
  readonly by?: 'function' | 'line' | undefined;
  /** Sorts by `cum` instead of `flat`. @default false */
  readonly cum?: boolean | undefined;
  /** Sorts by the change of shares instead of the change of values. @default false */
  readonly normalized?: boolean | undefined;
  /** Most rows to return. @default all */
  readonly limit?: number | undefined;
}

/** One cost on both sides. Values are means a profile, so sides of different size compare. */
export interface Change {
  readonly base: number;
  readonly head: number;
  /** `head - base`. */
  readonly delta: number;
  /** Of the side's total, 0-100. */
  readonly basePercent: number;
  readonly headPercent: number;
  /** `headPercent - basePercent`, in percentage points. */
  readonly deltaPercent: number;
}

export interface DiffRow {
  /** As in head; as in base when head has no such function. */
  readonly name: string;
  readonly file: string;
  /** Start line of the function, or the line itself (by line); 0 when not known. */
  readonly line: number;
  readonly match: FunctionPair['match'];
  /** Its name, file and line in base when they differ from those in head. */
  readonly was?: { readonly name: string; readonly file: string; readonly line: number };
  readonly flat: Change;
  readonly cum: Change;
}

export interface DiffTable {
  readonly by: 'function' | 'line';
  readonly type: string;
  readonly unit: string;
  readonly sortedBy: 'flat' | 'cum';
  readonly normalized: boolean;
  /** Profiles a side. */
  readonly baseCount: number;
  readonly headCount: number;
  readonly total: Change;
  /** How many rows there are in all; `rows` holds at most `limit` of them. */
  readonly rowCount: number;
  readonly rows: readonly DiffRow[];
}

/**
 * What changed between two sets of profiles, largest change first, whichever its sign. Lines are matched by their
 * distance from the beginning of their function, so that code added above a function changes nothing.
 * Throws ProfileError `HOTSPAN_ERR_PROFILE_TYPE` for a sample type that a profile lacks, `…_MISMATCH` when the two
 * sides have different units.
 */
export function diffTable(base: readonly Profile[], head: readonly Profile[], options: DiffOptions = {}): DiffTable {
  const before = sideCosts(base, options);
  // Without a type asked for, base's default decides for both.
  const after = sideCosts(head, { ...options, type: options.type ?? before.type });
  if (before.unit !== after.unit) {
    throw new ProfileError('HOTSPAN_ERR_PROFILE_MISMATCH', `cannot compare ${before.unit} with ${after.unit}`);
  }
  const change = changesOf(before, after);
  const pairs = matchFunctions(before, after);
  const by = options.by ?? 'function';
  const rows = pairs.flatMap((pair) => (by === 'function' ? [functionRow(pair, change)] : lineRows(pair, change)));
  const sortedBy = options.cum === true ? 'cum' : 'flat';
  const normalized = options.normalized === true;
  const weight = (each: Change): number => Math.abs(normalized ? each.deltaPercent : each.delta);
  const other = sortedBy === 'cum' ? 'flat' : 'cum';
  rows.sort((a, b) => weight(b[sortedBy]) - weight(a[sortedBy]) || weight(b[other]) - weight(a[other])
    || compareText(a.name, b.name) || compareText(a.file, b.file) || a.line - b.line);
  return {
    by,
    type: before.type,
    unit: before.unit,
    sortedBy,
    normalized,
    baseCount: base.length,
    headCount: head.length,
    total: change(sum(before.totals), sum(after.totals)),
    rowCount: rows.length,
    rows: rows.slice(0, options.limit),
  };
}

type MakeChange = (baseSum: number, headSum: number) => Change;

function changesOf(base: SideCosts, head: SideCosts): MakeChange {
  const share = (value: number, side: SideCosts): number => {
    const total = sum(side.totals);
    return total === 0 ? 0 : (value / total) * 100;
  };
  const mean = (value: number, side: SideCosts): number => value / Math.max(1, side.totals.length);
  return (baseSum, headSum) => {
    const [before, after] = [mean(baseSum, base), mean(headSum, head)];
    const [basePercent, headPercent] = [share(baseSum, base), share(headSum, head)];
    return { base: before, head: after, delta: after - before, basePercent, headPercent, deltaPercent: headPercent - basePercent };
  };
}

function functionRow(pair: FunctionPair, change: MakeChange): DiffRow {
  const total = (side: readonly FunctionCost[], key: 'flat' | 'cum'): number => sum(side.map((cost) => sum(cost[key])));
  return {
    ...placeOf(pair, (cost) => cost.startLine),
    flat: change(total(pair.base, 'flat'), total(pair.head, 'flat')),
    cum: change(total(pair.base, 'cum'), total(pair.head, 'cum')),
  };
}

interface LineSums { baseLine: number; headLine: number; flat: [number, number]; cum: [number, number] }

function lineRows(pair: FunctionPair, change: MakeChange): DiffRow[] {
  const byOffset = new Map<number, LineSums>();
  for (const [side, costs] of [pair.base, pair.head].entries()) {
    for (const cost of costs) {
      for (const [line, { flat, cum }] of cost.lines) {
        const offset = line === 0 ? NaN : line - cost.startLine;
        const sums = byOffset.get(offset) ?? { baseLine: 0, headLine: 0, flat: [0, 0], cum: [0, 0] };
        byOffset.set(offset, sums);
        sums[side === 0 ? 'baseLine' : 'headLine'] = line;
        sums.flat[side === 0 ? 0 : 1] += flat;
        sums.cum[side === 0 ? 0 : 1] += cum;
      }
    }
  }
  return [...byOffset.values()].map(({ baseLine, headLine, flat, cum }) => ({
    ...placeOf(pair, (_cost, side) => (side === 'base' ? baseLine : headLine)),
    flat: change(...flat),
    cum: change(...cum),
  }));
}

type Place = Pick<DiffRow, 'name' | 'file' | 'line' | 'match' | 'was'>;

function placeOf(pair: FunctionPair, lineOf: (cost: FunctionCost, side: 'base' | 'head') => number): Place {
  const at = (side: 'base' | 'head') => {
    const [cost] = pair[side];
    return cost === undefined ? undefined : { name: cost.name, file: cost.file, line: lineOf(cost, side) };
  };
  const before = at('base');
  const now = at('head');
  // A line of a function that head no longer runs is shown where it was.
  const shown = now === undefined || (now.line === 0 && before !== undefined && before.line > 0) ? before : now;
  const place = { ...(shown ?? { name: '', file: '', line: 0 }), match: pair.match };
  const differs = before !== undefined && now !== undefined && (before.name !== now.name || before.file !== now.file);
  return differs ? { ...place, was: before } : place;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
