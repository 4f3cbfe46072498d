/**
 * Runs every variant once a round, in a new random order each round, one after the other: what drifts on the machine
 * meets all variants alike. The i-th results of two variants are of the same round, so they can be paired.
 */
export async function interleave<Variant extends string, Result>(
  variants: readonly Variant[],
  rounds: number,
  run: (variant: Variant) => Promise<Result>,
): Promise<Map<Variant, Result[]>> {
  const results = new Map<Variant, Result[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const variant of shuffled(variants)) results.get(variant)?.push(await run(variant));
  }
  return results;
}

/** The same with all variants of a round at the same time: for programs that leave the processors free. */
export async function sideBySide<Variant extends string, Result>(
  variants: readonly Variant[],
  rounds: number,
  run: (variant: Variant) => Promise<Result>,
): Promise<Map<Variant, Result[]>> {
  const results = new Map<Variant, Result[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    await Promise.all(shuffled(variants).map(async (variant) => results.get(variant)?.push(await run(variant))));
  }
  return results;
}

export function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((value) => ({ value, key: Math.random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
