import { shuffled, type Random } from './random.ts';

/** The rounds of one variant, in order; an Error for a round in which its program failed. */
export type Rounds<Result> = (Result | Error)[];

export interface Schedule<Variant> {
  readonly variants: readonly Variant[];
  readonly rounds: number;
  readonly random: Random;
  /**
   * All variants of a round at the same time: for programs that leave the processors free.
   * @default false
   */
  readonly sideBySide?: boolean;
  readonly progress?: (done: number, all: number) => void;
}

/**
 * Runs every variant once a round, in a new random order each round: what drifts on the machine meets all variants
 * alike. The i-th results of two variants are of the same round, so they can be paired.
 */
export async function interleave<Variant, Result>(
  { variants, rounds, random, sideBySide = false, progress }: Schedule<Variant>,
  run: (variant: Variant) => Promise<Result>,
): Promise<Map<Variant, Rounds<Result>>> {
  const results = new Map<Variant, Rounds<Result>>(variants.map((variant) => [variant, []]));
  let done = 0;
  const runOne = async (variant: Variant): Promise<void> => {
    results.get(variant)?.push(await run(variant).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))));
    progress?.(++done, rounds * variants.length);
  };
  for (let round = 0; round < rounds; round++) {
    const order = shuffled(variants, random);
    if (sideBySide) await Promise.all(order.map(runOne));
    else for (const variant of order) await runOne(variant);
  }
  return results;
}

/** The results when no round may fail. Throws what the first failure said. */
export function succeeded<Variant, Result>(results: ReadonlyMap<Variant, Rounds<Result>>): Map<Variant, Result[]> {
  return new Map(
    [...results].map(([variant, rounds]) => [
      variant,
      rounds.map((round) => {
        if (round instanceof Error) throw round;
        return round;
      }),
    ]),
  );
}
