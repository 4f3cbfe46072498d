// Compiled by the test with a source map. The types take lines away, so compiled lines differ from these.
import { burn, report } from './burn.cjs';

interface Burner {
  readonly seed: number;
  burnTyped(n: number): number;
}

type Step<T> = (
  value: T,
  count: T,
) => T;

abstract class Seeded {
  constructor(
    readonly seed: number,
    protected readonly factor: number = 1103515245,
  ) {}
}

class TypedBurner extends Seeded implements Burner {
  burnTyped(n: number): number {
    let x: number = this.seed;
    for (let i = 0; i < n; i++) x = (Math.imul(x, this.factor) + 12345) | 0; // @burn burnTyped
    return x;
  }
}

const genericStep: Step<number> = (value, count) => {
  let x = value;
  for (let i = 0; i < count; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0; // @burn genericStep
  return x;
};

enum Factor {
  Small = 22695477,
  Large = 134775813,
}

function typedFunction(n: number): number {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, Factor.Small) + 1) | 0; // @burn typedFunction
  return x;
}

function optionalArguments(n: number, salt?: number): number {
  let x = n | (salt ?? 1);
  for (let i = 0; i < n; i++) x = (Math.imul(x, Factor.Large) + 1) | 0; // @burn optionalArguments
  return x;
}

const burner = new TypedBurner(3);
await burn([
  { name: 'burnTyped', share: 0.5, fn: (n: number) => burner.burnTyped(n) },
  { name: 'genericStep', share: 0.29, fn: (n: number) => genericStep(n | 1, n) },
  { name: 'typedFunction', share: 0.14, fn: typedFunction },
  { name: 'optionalArguments', share: 0.07, fn: (n: number) => optionalArguments(n) },
]);
report();
