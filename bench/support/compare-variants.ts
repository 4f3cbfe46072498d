import { interleave, type Rounds } from './interleave.ts';
import type { BenchContext, Bar, Claim, Row } from './scenario.ts';
import { fewestRounds } from './statistics.ts';
import { baseline, ours, variantOf, variants, type Ability, type Variant } from './variants.ts';

/** What became of every variant, in the order of the table. */
export type Outcomes<Result> = ReadonlyMap<Variant, { readonly rounds: Rounds<Result>; readonly lacks?: string }>;

export interface Comparison {
  /** What a variant must be able to do to take part; the others are shown with their reason. */
  readonly needs?: Ability;
  /** @default all */
  readonly only?: readonly string[];
  readonly rounds: number;
  readonly sideBySide?: boolean;
}

/** For what takes long or varies little: fewer rounds, but enough to be judged. */
export const fewerRounds = ({ quick, rounds }: BenchContext): number => (quick ? 1 : Math.min(rounds, Math.max(fewestRounds, Math.ceil(0.6 * rounds))));

/** Runs all variants that can, interleaved. A failure is a result. */
export async function compareVariants<Result>(
  context: BenchContext,
  { needs, only, rounds, sideBySide = false }: Comparison,
  run: (variant: Variant) => Promise<Result>,
): Promise<Outcomes<Result>> {
  const listed = only === undefined ? variants : only.map(variantOf);
  const lackOf = (variant: Variant): string | undefined => (needs === undefined ? undefined : variant.lacks[needs]);
  const able = listed.filter((variant) => lackOf(variant) === undefined);
  const { random, progress } = context;
  const results = await interleave({ variants: able, rounds, random, sideBySide, progress }, run);
  for (const [{ id, title }, outcome] of results) {
    const failures = outcome.filter((round) => round instanceof Error);
    const [failure] = failures;
    if (failure === undefined) continue;
    // A peer that fails is a result; without a baseline or hotspan there is nothing to compare.
    if (failures.length === outcome.length && (id === baseline || id === ours)) throw failure;
    context.note(`${title} failed in ${failures.length} of ${outcome.length} rounds: ${firstLine(failure.message)}`);
  }
  return new Map(
    listed.map((variant) => {
      const lacks = lackOf(variant);
      return [variant, { rounds: results.get(variant) ?? [], ...(lacks !== undefined && { lacks }) }];
    }),
  );
}

export interface Measure<Result> {
  readonly measure: string;
  readonly unit: string;
  readonly pick: (result: Result) => number;
  /** State what there is above the same round's run without a profiler: as it is, or in percent of that. */
  readonly above?: 'difference' | 'percent';
  readonly claim?: Claim;
  readonly moreIsBetter?: boolean;
  readonly compare?: Row['compare'];
  /** For hotspan. */
  readonly bar?: Bar;
  readonly x?: number;
}

/** One row for each variant, the baseline left out where it is what the others are above. */
export function rowsOf<Result>(outcomes: Outcomes<Result>, { pick, above, bar, compare, ...rest }: Measure<Result>): Row[] {
  const base = [...outcomes].find(([{ id }]) => id === baseline)?.[1].rounds.map((round) => valueOf(round, pick)) ?? [];
  return [...outcomes].flatMap(([{ id }, { rounds, lacks }]): Row[] => {
    if (above !== undefined && id === baseline) return [];
    const values = rounds.map((round, i) => aboveBase(valueOf(round, pick), base[i] ?? NaN, above));
    const missing = lacks ?? failureOf(rounds);
    const how = compare ?? (above === undefined ? undefined : 'difference');
    return [{ ...rest, variant: id, values, ...(missing !== undefined && { missing }), ...(bar !== undefined && id === ours && { bar }), ...(how && { compare: how }) }];
  });
}

function valueOf<Result>(round: Result | Error, pick: (result: Result) => number): number {
  return round instanceof Error ? NaN : pick(round);
}

function aboveBase(value: number, base: number, above: 'difference' | 'percent' | undefined): number {
  if (above === undefined) return value;
  return above === 'difference' ? value - base : 100 * (value / base - 1);
}

/** Said only when no round succeeded; of a few that failed the number of values tells. */
function failureOf(rounds: Rounds<unknown>): string | undefined {
  const failures = rounds.filter((round) => round instanceof Error);
  return failures.length > 0 && failures.length === rounds.length ? `failed: ${firstLine(failures[0]?.message ?? '')}` : undefined;
}

const firstLine = (text: string): string => text.split('\n')[0]?.slice(0, 160) ?? '';
