import type { Claim, Scenario } from '../support/scenario.ts';
import { ours, peers, variants } from '../support/variants.ts';
import { causeOf } from './causes.ts';
import { fitSeries, type FitResult } from './fits.ts';
import { formatEstimate, formatNumber } from './format.ts';
import { kept, type Verdict } from './judge.ts';
import { markdownTable } from './markdown-table.ts';
import type { Report } from './report.ts';

const titleOf = (variant: string): string => {
  const title = variants.find(({ id }) => id === variant)?.title ?? variant;
  return title.startsWith('--') ? `\`${title}\`` : title;
};

/** What hotspan claims, beside each peer, over all measures that belong to a claim. */
export function renderSummary(claims: readonly Claim[], verdicts: readonly Verdict[]): string {
  const rows = claims.map((claim) => [
    claim === 'throughput' ? 'throughput (not behind)' : `${claim} (ahead)`,
    ...peers.map((peer) => summaryCell(verdicts.filter((verdict) => verdict.claim === claim && verdict.peer === peer))),
  ]);
  return markdownTable(['hotspan beside', ...peers.map(titleOf)], rows);
}

function summaryCell(verdicts: readonly Verdict[]): string {
  const judged = verdicts.filter((verdict) => kept(verdict) !== undefined);
  if (verdicts.length === 0) return 'not measured';
  if (judged.length === 0) return verdicts.every(({ standing }) => standing === 'missing') ? 'no such feature' : 'too few rounds to say';
  const good = judged.filter((verdict) => kept(verdict));
  if (good.length === judged.length) return `yes, in all ${judged.length}`;
  const behind = judged.filter(({ standing }) => standing === 'behind').length;
  const unclear = judged.length - good.length - behind;
  return `in ${good.length} of ${judged.length}${behind > 0 ? `, **behind in ${behind}**` : ''}${unclear > 0 ? `, unclear in ${unclear}` : ''}`;
}

/** Every measure of a claim that is not kept, with its figure and its cause. `again`: the verdicts of a second run. */
export function renderShortfalls(verdicts: readonly Verdict[], again: readonly Verdict[] = []): string {
  const short = verdicts.filter((verdict) => verdict.claim !== undefined && kept(verdict) === false);
  const judged = verdicts.filter((verdict) => verdict.claim !== undefined && kept(verdict) !== undefined);
  if (judged.length === 0) return 'Nothing of this could be judged in this run.';
  if (short.length === 0) return `In none of these ${judged.length} comparisons is it otherwise.`;
  const lines = short.map((verdict) => {
    const { scenario, measure, peer, standing, estimate, compare, unit } = verdict;
    const figure = compare === 'ratio' ? `${formatEstimate(estimate)} times the peer's` : `${formatEstimate(estimate)}${unit === '' ? '' : ` ${unit}`} beside the peer's`;
    const cause = causeOf(verdict) ?? chanceOf(verdict, again) ?? (standing === 'behind' ? 'The cause is not known yet.' : 'The interval holds "no difference".');
    return `- ${scenario}, ${measure}, ${titleOf(peer)}: ${standing}, ${figure}. ${cause}`;
  });
  return [`In ${short.length} of ${judged.length} comparisons it is otherwise:`, lines.join('\n')].join('\n\n');
}

/** Of a standing that a second run does not find again. */
function chanceOf({ scenario, measure, peer, standing }: Verdict, again: readonly Verdict[]): string | undefined {
  const other = again.find((verdict) => verdict.scenario === scenario && verdict.measure === measure && verdict.peer === peer);
  if (standing !== 'behind' || other === undefined || other.standing === standing) return undefined;
  return `Not found again in the second run (${other.standing}, ${formatEstimate(other.estimate)}): at 95%, chance says *behind* of one comparison in forty.`;
}

/** hotspan's series with lines through them, and those of the peers beside. */
export function renderFits(report: Report, scenarios: readonly Scenario[]): string {
  const fits = scenarios.flatMap(({ name, fits: wanted = [] }) => {
    const rows = report.scenarios.find((result) => result.name === name)?.rows ?? [];
    return wanted.flatMap((fit) => variants.flatMap(({ id }) => fitSeries(fit, rows, id) ?? []));
  });
  if (fits.length === 0) return 'Not measured in this run.';
  const rows = fits.map((fit) => [
    fit.measure,
    titleOf(fit.variant),
    fit.ends.map(([x, y]) => `${formatNumber(y)} at ${formatNumber(x)}`).join(', '),
    `${formatEstimate(fit.slope)} ${fit.unit}`,
    fit.expects === 'flat' ? '' : fit.r2.toFixed(3),
    fit.expects === 'flat' ? `${formatEstimate(fit.change)} ${fit.unit}` : '',
    conclusionOf(fit),
  ]);
  const header = ['measure', 'variant', 'lowest and highest level', 'slope for each step', 'R²', 'highest less lowest', ''];
  return `hotspan's cost is to grow in a straight line with the rate and not at all with the functions that are loaded or compiled
and the spans that are created. Least squares over the levels; intervals over rounds. Plots: [Scaling](#scaling).

${markdownTable(header, rows, 2)}`;
}

function conclusionOf({ expects, holds, variant, change, r2 }: FitResult): string {
  if (expects === 'open') return '';
  if (holds === undefined) return 'too few rounds to say';
  const words = expects === 'linear' ? (r2 >= 0.98 ? 'a straight line' : 'not a straight line') : change.low > 0 ? 'grows' : 'does not grow';
  return variant === ours && !holds ? `**${words}**` : words;
}
