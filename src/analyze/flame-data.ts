import type { Location, Profile } from 'pprof-format';
import { sampleTypeNames } from '../profile/merge-sample-types.ts';
import { ProfileError } from '../profile/profile-error.ts';
import { matchFunctions } from './match-functions.ts';
import { relativeFile } from './relative-file.ts';
import { selectSampleType } from './select-sample-type.ts';
import { sideCosts, type FunctionCost } from './side-costs.ts';

/** Where a frame's code comes from; its index is what `FlameData.frames.kind` holds. */
export const frameKinds = ['app', 'dependency', 'node', 'builtin', 'native', 'gc'] as const;

/**
 * All that a flame graph needs, in arrays of equal length (columns) because 50,000 frames as objects would double the
 * page. Plain JSON.
 */
export interface FlameData {
  readonly types: readonly { readonly type: string; readonly unit: string }[];
  /** Position in `types`. */
  readonly defaultType: number;
  /** Functions. */
  readonly frames: {
    readonly name: readonly string[];
    readonly file: readonly string[];
    readonly line: readonly number[];
    readonly kind: readonly number[];
  };
  /** Call paths, outermost first: a parent stands before its children. Node 0 is the root; its frame is -1. */
  readonly nodes: { readonly parent: readonly number[]; readonly frame: readonly number[] };
  readonly labelSets: readonly (readonly (readonly [key: string, value: string])[])[];
  /** `node` is the innermost frame's. Values are means a profile of their side. */
  readonly samples: {
    readonly node: readonly number[];
    readonly labelSet: readonly number[];
    readonly side: readonly (0 | 1)[];
    /** By sample type, then by sample. */
    readonly values: readonly (readonly number[])[];
  };
  readonly hasBase: boolean;
}

export interface FlameSources {
  readonly head: readonly Profile[];
  /** To compare with. @default nothing */
  readonly base?: readonly Profile[] | undefined;
  /** Directories whose prefix is cut off files. */
  readonly roots?: readonly string[] | undefined;
}

/**
 * The data of a flame graph of `head`, beside `base` where one is given: a function that was renamed is one frame.
 * Sample types are those of the first head profile; the others must have them (ProfileError `HOTSPAN_ERR_PROFILE_TYPE`).
 */
export function flameData({ head, base = [], roots = [] }: FlameSources): FlameData {
  const [first] = head;
  if (first === undefined) throw new ProfileError('HOTSPAN_ERR_PROFILE_EMPTY', 'no profiles to draw');
  const types = sampleTypeNames(first);
  const columns = new Columns(types.length, frameNumbers(base, head, roots));
  for (const [side, profiles] of [head, base].entries()) {
    for (const profile of profiles) {
      const positions = types.map(({ type }) => selectSampleType(profile, type).index);
      columns.add(profile, side === 0 ? 0 : 1, positions, 1 / profiles.length);
    }
  }
  return {
    types: types.map(({ type, unit }) => ({ type, unit })),
    defaultType: selectSampleType(first).index,
    ...columns.result(),
    hasBase: base.length > 0,
  };
}

interface FrameNumbers {
  readonly roots: readonly string[];
  /** The head's function that stands for each of base's which has another name or place. */
  readonly renamed: ReadonlyMap<string, FunctionCost>;
}

function frameNumbers(base: readonly Profile[], head: readonly Profile[], roots: readonly string[]): FrameNumbers {
  const renamed = new Map<string, FunctionCost>();
  if (base.length > 0) {
    for (const { base: [from], head: [to] } of matchFunctions(sideCosts(base, { roots }), sideCosts(head, { roots }))) {
      if (from !== undefined && to !== undefined) renamed.set(frameKey(from.name, from.file), to);
    }
  }
  return { roots, renamed };
}

class Columns {
  readonly #numbers: FrameNumbers;
  readonly #frameByKey = new Map<string, number>();
  readonly #frames = { name: [] as string[], file: [] as string[], line: [] as number[], kind: [] as number[] };
  readonly #nodes = { parent: [-1], frame: [-1] };
  readonly #nodeByKey = new Map<string, number>();
  readonly #labelSets: (readonly (readonly [string, string])[])[] = [];
  readonly #labelSetByKey = new Map<string, number>();
  readonly #samples = { node: [] as number[], labelSet: [] as number[], side: [] as (0 | 1)[], values: [] as number[][] };
  readonly #sampleByKey = new Map<string, number>();

  constructor(typeCount: number, numbers: FrameNumbers) {
    this.#numbers = numbers;
    this.#samples.values = Array.from({ length: typeCount }, () => []);
  }

  add(profile: Profile, side: 0 | 1, positions: readonly number[], weight: number): void {
    const functions = new Map(profile.function.map((fn) => [fn.id, fn]));
    const framesAt = new Map(profile.location.map((location) => [location.id, this.#framesOf(profile, location, functions, side)]));
    const { strings } = profile.stringTable;
    for (const sample of profile.sample) {
      let node = 0;
      // Outermost first, and of inlined frames the last is the outermost.
      for (const id of sample.locationId.toReversed()) {
        for (const frame of (framesAt.get(id) ?? []).toReversed()) node = this.#child(node, frame);
      }
      const labels = sample.label.map((label): readonly [string, string] => [
        strings[Number(label.key)] ?? '',
        Number(label.str) !== 0 ? strings[Number(label.str)] ?? '' : `${label.num}${strings[Number(label.numUnit)] ?? ''}`,
      ]);
      this.#addValues(node, this.#labelSet(labels), side, positions.map((at) => Number(sample.value[at] ?? 0) * weight));
    }
  }

  result(): Pick<FlameData, 'frames' | 'nodes' | 'labelSets' | 'samples'> {
    return { frames: this.#frames, nodes: this.#nodes, labelSets: this.#labelSets, samples: this.#samples };
  }

  #framesOf(
    profile: Profile,
    location: Location,
    functions: ReadonlyMap<number | bigint, Profile['function'][number]>,
    side: 0 | 1,
  ): number[] {
    const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
    const isNative = Number(location.mappingId) !== 0;
    if (location.line.length === 0) return [this.#frame(`0x${location.address.toString(16)}`, '', 0, isNative, side)];
    return location.line.map(({ functionId }) => {
      const fn = functions.get(functionId);
      return this.#frame(text(fn?.name ?? 0), text(fn?.filename ?? 0), Number(fn?.startLine ?? 0), isNative, side);
    });
  }

  #frame(ownName: string, ownFile: string, ownLine: number, isNative: boolean, side: 0 | 1): number {
    let [name, file, line] = [ownName, relativeFile(ownFile, this.#numbers.roots), ownLine];
    const now = side === 1 ? this.#numbers.renamed.get(frameKey(name, file)) : undefined;
    if (now !== undefined) ({ name, file, startLine: line } = now);
    const key = frameKey(name, file);
    let frame = this.#frameByKey.get(key);
    if (frame === undefined) {
      frame = this.#frames.name.push(name) - 1;
      this.#frames.file.push(file);
      this.#frames.line.push(line);
      this.#frames.kind.push(frameKinds.indexOf(kindOf(name, file, isNative)));
      this.#frameByKey.set(key, frame);
    }
    return frame;
  }

  #child(parent: number, frame: number): number {
    const key = `${parent},${frame}`;
    let node = this.#nodeByKey.get(key);
    if (node === undefined) {
      node = this.#nodes.parent.push(parent) - 1;
      this.#nodes.frame.push(frame);
      this.#nodeByKey.set(key, node);
    }
    return node;
  }

  #labelSet(labels: (readonly [string, string])[]): number {
    const key = JSON.stringify(labels.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    let set = this.#labelSetByKey.get(key);
    if (set === undefined) {
      set = this.#labelSets.push(labels) - 1;
      this.#labelSetByKey.set(key, set);
    }
    return set;
  }

  #addValues(node: number, labelSet: number, side: 0 | 1, values: readonly number[]): void {
    const key = `${node},${labelSet},${side}`;
    let sample = this.#sampleByKey.get(key);
    if (sample === undefined) {
      sample = this.#samples.node.push(node) - 1;
      this.#samples.labelSet.push(labelSet);
      this.#samples.side.push(side);
      this.#sampleByKey.set(key, sample);
    }
    for (const [type, value] of values.entries()) {
      const column = this.#samples.values[type];
      if (column !== undefined) column[sample] = (column[sample] ?? 0) + value;
    }
  }
}

function kindOf(name: string, file: string, isNative: boolean): (typeof frameKinds)[number] {
  if (name === '(garbage collector)' || /^\((scavenge|mark-compact|minor)/.test(name)) return 'gc';
  if (isNative) return 'native';
  if (file === '') return 'builtin';
  if (file.startsWith('node:')) return 'node';
  return /(^|\/)node_modules\//.test(file) ? 'dependency' : 'app';
}

function frameKey(name: string, file: string): string {
  return JSON.stringify([name, file]);
}
