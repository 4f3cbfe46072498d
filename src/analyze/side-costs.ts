import type { Location, Profile } from 'pprof-format';
import { relativeFile } from './relative-file.ts';
import { selectSampleType } from './select-sample-type.ts';

export interface CostOptions {
  /** Sample type, for example `cpu`. @default the profile's default, else its last type */
  readonly type?: string | undefined;
  /** Directories whose prefix is cut off files, so that two checkouts of one program name them alike. */
  readonly roots?: readonly string[] | undefined;
  /**
   * With true, only functions that the program's authors can change have rows: builtins, native code, regular
   * expressions and Node's own modules count as the function that called them, collections as `(garbage collector)`.
   * What is beneath no such function is `(node)`. The profiler's own frames are left out. @default false
   */
  readonly ownCodeOnly?: boolean | undefined;
}

/** What one function cost in each run of a side. */
export interface FunctionCost {
  readonly name: string;
  /** Empty when the function has none. */
  readonly file: string;
  /** Where the function begins; 0 when not known. */
  readonly startLine: number;
  /** Per run: value of samples whose innermost frame is the function. */
  readonly flat: number[];
  /** Per run: value of samples with the function anywhere in the stack; recursion counts once. */
  readonly cum: number[];
  /** All runs together, by line number; 0 stands for not known. */
  readonly lines: Map<number, LineCost>;
  /** All runs together: value of samples in which the key called this function. */
  readonly callers: Map<FunctionCost, number>;
}

export interface LineCost { flat: number; cum: number }

/** Several runs of one program, by function. */
export interface SideCosts {
  readonly type: string;
  readonly unit: string;
  /** The sum of all samples of each run. */
  readonly totals: readonly number[];
  readonly functions: readonly FunctionCost[];
}

interface Frame { readonly cost: FunctionCost; readonly line: number }

const ownFrame = '(hotspan)';
const collector = '(garbage collector)';

/**
 * The costs of one side of a comparison, a profile a run. Linear in the size of the profiles.
 * Throws ProfileError `HOTSPAN_ERR_PROFILE_TYPE` when a profile lacks the sample type.
 */
export function sideCosts(profiles: readonly Profile[], options: CostOptions = {}): SideCosts {
  const table = new FunctionTable(profiles.length, options.roots ?? []);
  const totals = profiles.map(() => 0);
  let selected = { type: options.type ?? '', unit: '' };
  for (const [run, profile] of profiles.entries()) {
    const { index, type, unit } = selectSampleType(profile, options.type);
    selected = { type, unit };
    const framesAt = new Map(profile.location.map((location) => [location.id, table.frames(profile, location)]));
    for (const sample of profile.sample) {
      const value = Number(sample.value[index] ?? 0);
      if (value === 0) continue;
      const all = sample.locationId.flatMap((id) => framesAt.get(id) ?? []);
      if (options.ownCodeOnly === true && all.some(({ cost }) => cost.name === ownFrame)) continue;
      totals[run] = (totals[run] ?? 0) + value;
      addSample(options.ownCodeOnly === true ? ownCode(all, table) : all, run, value);
    }
  }
  const functions = table.functions.filter(({ cum }) => cum.some((value) => value !== 0));
  return { type: selected.type, unit: selected.unit, totals, functions };
}

/** Frames leaf first. */
function addSample(frames: readonly Frame[], run: number, value: number): void {
  const seen = new Set<unknown>();
  const linesSeen = new Map<FunctionCost, Set<number>>();
  let callee: FunctionCost | undefined;
  for (const [depth, { cost, line }] of frames.entries()) {
    if (depth === 0) cost.flat[run] = (cost.flat[run] ?? 0) + value;
    if (!seen.has(cost)) cost.cum[run] = (cost.cum[run] ?? 0) + value;
    seen.add(cost);
    const lines = linesSeen.get(cost) ?? new Set();
    linesSeen.set(cost, lines);
    if (!lines.has(line)) addLine(cost, line, depth === 0 ? value : 0, value);
    lines.add(line);
    if (callee !== undefined && callee !== cost) callee.callers.set(cost, (callee.callers.get(cost) ?? 0) + value);
    callee = cost;
  }
}

function addLine(cost: FunctionCost, line: number, flat: number, cum: number): void {
  const at = cost.lines.get(line) ?? { flat: 0, cum: 0 };
  at.flat += flat;
  at.cum += cum;
  cost.lines.set(line, at);
}

/** The frames of the program's own functions; the innermost stands for all it called that is not its own. */
function ownCode(frames: readonly Frame[], table: FunctionTable): Frame[] {
  const own = frames.filter(({ cost }) => table.isOwnCode(cost));
  const inCollection = frames.some(({ cost }) => cost.name === collector);
  if (inCollection) return [{ cost: table.find(collector, '', 0), line: 0 }, ...own];
  return own.length > 0 ? own : [{ cost: table.find('(node)', '', 0), line: 0 }];
}

class FunctionTable {
  readonly functions: FunctionCost[] = [];
  readonly #byKey = new Map<string, FunctionCost>();
  readonly #native = new Set<FunctionCost>();
  readonly #runs: number;
  readonly #roots: readonly string[];

  constructor(runs: number, roots: readonly string[]) {
    this.#runs = runs;
    this.#roots = roots;
  }

  find(name: string, file: string, startLine: number): FunctionCost {
    const key = JSON.stringify([name, file, startLine]);
    let found = this.#byKey.get(key);
    if (found === undefined) {
      const zeros = (): number[] => new Array<number>(this.#runs).fill(0);
      found = { name, file, startLine, flat: zeros(), cum: zeros(), lines: new Map(), callers: new Map() };
      this.#byKey.set(key, found);
      this.functions.push(found);
    }
    return found;
  }

  /** Innermost inlined frame first. */
  frames(profile: Profile, location: Location): Frame[] {
    const { strings } = profile.stringTable;
    const text = (index: number | bigint): string => strings[Number(index)] ?? '';
    if (location.line.length === 0) {
      const mapping = profile.mapping.find(({ id }) => id === location.mappingId);
      const cost = this.find(`0x${location.address.toString(16)}`, text(mapping?.filename ?? 0), 0);
      this.#native.add(cost);
      return [{ cost, line: 0 }];
    }
    const functions = functionsOf(profile);
    return location.line.map(({ functionId, line }) => {
      const fn = functions.get(functionId);
      const cost = this.find(text(fn?.name ?? 0), relativeFile(text(fn?.filename ?? 0), this.#roots), Number(fn?.startLine ?? 0));
      if (Number(location.mappingId) !== 0) this.#native.add(cost);
      return { cost, line: Number(line) };
    });
  }

  isOwnCode(cost: FunctionCost): boolean {
    return cost.file !== '' && !cost.file.startsWith('node:') && !this.#native.has(cost);
  }
}

const functionMaps = new WeakMap<Profile, Map<number | bigint, Profile['function'][number]>>();

function functionsOf(profile: Profile): Map<number | bigint, Profile['function'][number]> {
  let functions = functionMaps.get(profile);
  if (functions === undefined) {
    functions = new Map(profile.function.map((fn) => [fn.id, fn]));
    functionMaps.set(profile, functions);
  }
  return functions;
}
