import { addNumeric, type Numeric } from './numeric.ts';

export interface MergedLabel { readonly key: number; readonly str: number; readonly num: Numeric; readonly numUnit: number }

export interface MergedSample { readonly locationId: number[]; readonly value: Numeric[]; readonly label: MergedLabel[] }

/**
 * Adds up samples by (stack, labels). A hash table of indexes, because one string key a sample costs more memory
 * than the samples themselves and most of the time of a merge.
 */
export class SampleMerger {
  readonly samples: MergedSample[] = [];
  readonly #width: number;
  /** Newest sample of each hash; older ones follow through `#next`, -1 ends the chain. */
  readonly #newest = new Map<number, number>();
  readonly #next: number[] = [];

  /** `width` is the number of values of a merged sample. */
  constructor(width: number) {
    this.#width = width;
  }

  /** Labels must be in canonical order. `positions[i]` is where `values[i]` belongs in the merged sample. */
  add(
    stack: number[],
    label: MergedLabel[],
    values: readonly Numeric[],
    positions: readonly number[],
  ): void {
    const into = this.#find(stack, label).value;
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i] ?? 0;
      into[position] = addNumeric(into[position] ?? 0, values[i] ?? 0);
    }
  }

  #find(stack: number[], label: MergedLabel[]): MergedSample {
    const hash = hashSample(stack, label);
    const newest = this.#newest.get(hash) ?? -1;
    for (let index = newest; index >= 0; index = this.#next[index] ?? -1) {
      const sample = this.samples[index];
      if (sample !== undefined && equalStacks(sample.locationId, stack) && equalLabels(sample.label, label)) return sample;
    }
    const added = { locationId: stack, value: new Array<Numeric>(this.#width).fill(0), label };
    this.#newest.set(hash, this.samples.push(added) - 1);
    this.#next.push(newest);
    return added;
  }
}

function hashSample(stack: readonly number[], label: readonly MergedLabel[]): number {
  let hash = stack.length;
  for (let i = 0; i < stack.length; i++) hash = mix(hash, stack[i] ?? 0);
  for (const { key, str, num } of label) hash = mix(mix(mix(hash, key), str), Number(BigInt.asIntN(32, BigInt(num))));
  return hash;
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function equalStacks(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function equalLabels(a: readonly MergedLabel[], b: readonly MergedLabel[]): boolean {
  return a.length === b.length && a.every(({ key, str, num, numUnit }, i) => {
    const other = b[i];
    return other !== undefined && key === other.key && str === other.str && num === other.num && numUnit === other.numUnit;
  });
}
