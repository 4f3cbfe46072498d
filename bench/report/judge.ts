import { bootstrap, differences, fewestRounds, median, present, ratios, type Estimate } from '../support/statistics.ts';
import type { Claim, Row } from '../support/scenario.ts';
import { ours, peers } from '../support/variants.ts';
import type { Report } from './report.ts';

/** `unclear`: the interval holds "no difference". `unjudged`: too few rounds for an interval. */
export type Standing = 'ahead' | 'unclear' | 'behind' | 'missing' | 'unjudged';

/** hotspan beside one peer in one measure. */
export interface Verdict {
  readonly scenario: string;
  readonly measure: string;
  readonly unit: string;
  readonly peer: string;
  readonly claim: Claim | undefined;
  readonly standing: Standing;
  /** hotspan's value in the peer's (ratio), or less the peer's (difference), over pairs of the same round. */
  readonly estimate: Estimate;
  readonly compare: 'ratio' | 'difference';
  /** Why the peer has no value. */
  readonly missing?: string;
}

/** All comparisons of hotspan with its peers, in the order of the report; series over an axis are left out. */
export function judge(report: Pick<Report, 'scenarios'>): Verdict[] {
  return report.scenarios.flatMap(({ name, rows }) =>
    rows
      .filter((row) => row.variant === ours && row.x === undefined)
      .flatMap((row) =>
        peers.flatMap((peer): Verdict[] => {
          const other = rows.find((candidate) => candidate.measure === row.measure && candidate.variant === peer && candidate.x === undefined);
          return other === undefined ? [] : [judgePair(name, row, other)];
        }),
      ),
  );
}

export function judgePair(scenario: string, own: Row, other: Row): Verdict {
  const { measure, unit, claim, compare = 'ratio', moreIsBetter = false } = own;
  const estimate = compare === 'ratio' ? ratioOf(own.values, other.values) : bootstrap(present(differences(own.values, other.values)), median);
  const standing = other.missing !== undefined || estimate.n === 0 ? 'missing' : standingOf(estimate, compare, moreIsBetter);
  return { scenario, measure, unit, peer: other.variant, claim, standing, estimate, compare, ...(other.missing !== undefined && { missing: other.missing }) };
}

/** In logarithms: twice as much and half as much are as far from even, and no interval reaches below zero. */
function ratioOf(own: readonly number[], other: readonly number[]): Estimate {
  const { median: middle, low, high, n } = bootstrap(ratios(own, other).map(Math.log).filter(Number.isFinite), median);
  return { median: Math.exp(middle), low: Math.exp(low), high: Math.exp(high), n };
}

function standingOf({ low, high, n }: Estimate, compare: 'ratio' | 'difference', moreIsBetter: boolean): Standing {
  if (n < fewestRounds) return 'unjudged';
  const even = compare === 'ratio' ? 1 : 0;
  if (low <= even && high >= even) return 'unclear';
  return high < even !== moreIsBetter ? 'ahead' : 'behind';
}

/** Whether the claim is kept: in throughput it is only not to be behind, in all else to be ahead. */
export function kept({ claim, standing }: Pick<Verdict, 'claim' | 'standing'>): boolean | undefined {
  if (standing === 'missing' || standing === 'unjudged') return undefined;
  return standing === 'ahead' || (claim === 'throughput' && standing === 'unclear');
}
