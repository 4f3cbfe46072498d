import { estimate, type Estimate } from '../support/statistics.ts';
import { judge } from './judge.ts';
import type { Report } from './report.ts';

/** One interval that both reports state. */
export interface Agreement {
  readonly what: string;
  readonly first: Estimate;
  readonly second: Estimate;
  readonly agrees: boolean;
}

export interface ReportComparison {
  readonly agreements: readonly Agreement[];
  /** Share (0 to 1) of the intervals that overlap. */
  readonly share: number;
  /** Verdicts that turned from ahead to behind or back. */
  readonly turned: readonly string[];
  /** Of 95% intervals, 95% are to agree; what a claim says is to stay as it is. */
  readonly holds: boolean;
}

const confidence = 0.95;

/**
 * Whether two runs of the report agree: the intervals that both state for the same figure or comparison overlap in at
 * least 95% of the cases, and no verdict turned round.
 */
export function compareReports(first: Report, second: Report): ReportComparison {
  const [a, b] = [statedIntervals(first), statedIntervals(second)];
  const agreements = [...a].flatMap(([what, one]): Agreement[] => {
    const other = b.get(what);
    if (other === undefined || one.n < 2 || other.n < 2) return [];
    return [{ what, first: one, second: other, agrees: one.low <= other.high && other.low <= one.high }];
  });
  const share = agreements.length === 0 ? 0 : agreements.filter(({ agrees }) => agrees).length / agreements.length;
  const turned = turnedVerdicts(first, second);
  return { agreements, share, turned, holds: share >= confidence && turned.length === 0 };
}

/** Every interval a report states: of each row, and of hotspan beside each peer. */
function statedIntervals(report: Report): Map<string, Estimate> {
  const stated = new Map<string, Estimate>();
  for (const { name, rows } of report.scenarios) {
    for (const { measure, variant, x, values } of rows) stated.set([name, measure, variant, ...(x === undefined ? [] : [x])].join(' | '), estimate(values));
  }
  for (const { scenario, measure, peer, estimate: interval } of judge(report)) stated.set(`${scenario} | ${measure} | hotspan beside ${peer}`, interval);
  return stated;
}

function turnedVerdicts(first: Report, second: Report): string[] {
  const standings = new Map(judge(second).map(({ scenario, measure, peer, standing }) => [`${scenario} | ${measure} | ${peer}`, standing]));
  return judge(first).flatMap(({ scenario, measure, peer, standing }) => {
    const key = `${scenario} | ${measure} | ${peer}`;
    const other = standings.get(key);
    const sides = [standing, other];
    return sides.includes('ahead') && sides.includes('behind') ? [`${key}: ${standing}, then ${other ?? ''}`] : [];
  });
}

/** The comparison as text for a terminal. */
export function describeComparison({ agreements, share, turned, holds }: ReportComparison): string {
  if (agreements.length === 0) return 'the two results state no interval of the same figure: nothing can be said\n';
  const off = agreements.filter(({ agrees }) => !agrees);
  const range = ({ low, high }: Estimate): string => `${low.toPrecision(3)} .. ${high.toPrecision(3)}`;
  return [
    `${agreements.length - off.length} of ${agreements.length} stated intervals overlap (${(100 * share).toFixed(1)}%; 95% are to)`,
    ...off.map(({ what, first, second }) => `  apart: ${what}: ${range(first)}, then ${range(second)}`),
    `${turned.length} verdicts turned round`,
    ...turned.map((line) => `  ${line}`),
    holds ? 'the two runs agree' : 'the two runs DO NOT agree',
    '',
  ].join('\n');
}
