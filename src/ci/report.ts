import { formatValue } from '../analyze/format-value.ts';
import { signedValue } from '../analyze/render-diff.ts';
import { escapeMarkdown, oneLine, placeText } from '../analyze/text.ts';
import { alignColumns } from '../analyze/text-table.ts';
import type { Comparison } from './compare-runs.ts';
import type { Finding, Verdict } from './find-regressions.ts';
import type { Shift } from './rank-test.ts';

export interface ReportFacts {
  readonly verdict: Verdict;
  /** What base is, such as `3f2a91c (origin/main)`. */
  readonly base: string;
  /** Runs a side, all looks together. */
  readonly runs: number;
  readonly looks: 1 | 2;
  /** As a part: 0.05. */
  readonly failOn: number;
  /** Says why the comparison may be blind, one line each. */
  readonly warnings: readonly string[];
  /** Path of the flame graph as the reader can open it. */
  readonly flame?: string | undefined;
}

const groups = [
  ['regressions', 'Slower'],
  ['moved', 'Moved, not grown'],
  ['dismissed', 'Suspected, not confirmed'],
  ['improvements', 'Faster'],
] as const;
/** More improvements than this help nobody. */
const mostRows = 20;

/** The result in one line, such as `hash (src/crypto.js:12) is 10.2% slower, and 1 more`. */
export function headline({ verdict: { regressions }, failOn }: ReportFacts): string {
  const [first] = regressions;
  if (first === undefined) return `no function became slower by ${percent(failOn)} or more`;
  const more = regressions.length > 1 ? `, and ${regressions.length - 1} more` : '';
  return `${nameOf(first.comparison)}${parenthesized(whereOf(first.comparison))} ${growth(first.comparison)}${more}`;
}

/** For a terminal. `paint` may colour. */
export function renderText(facts: ReportFacts, paint: (kind: 'bad' | 'good' | 'dim' | 'bold', text: string) => string = (_kind, text) => text): string {
  const { verdict } = facts;
  const { total, unit } = verdict.comparisons;
  const lines = [
    paint(verdict.regressions.length > 0 ? 'bad' : 'good', `${verdict.regressions.length > 0 ? 'slower' : 'ok'}: ${headline(facts)}`),
    paint('dim', `base ${facts.base}; ${facts.runs} runs a side${facts.looks === 2 ? ' in two looks' : ''}; whole program ${formatValue(total.base, unit)} → ${formatValue(total.head, unit)} cpu (median)`),
    ...facts.warnings.map((warning) => `warning: ${warning}`),
  ];
  let text = `${lines.join('\n')}\n`;
  for (const [key, title] of groups) {
    const findings = verdict[key].slice(0, mostRows);
    if (findings.length === 0) continue;
    const rows = findings.map((finding) => [...cells(finding, unit), `${paint('bold', nameOf(finding.comparison))} ${paint('dim', note(finding))}`]);
    text += `\n${paint('bold', title)}\n${alignColumns([['base', 'head', 'delta', 'change', '95% interval', 'p', 'function'], ...rows], (line) => paint('dim', line))}`;
  }
  return facts.flame === undefined ? text : `${text}\nflame graph: ${facts.flame}\n`;
}

/** For a job summary or a comment on a pull request. */
export function renderMarkdown(facts: ReportFacts): string {
  const { verdict, base, runs, looks } = facts;
  const { total, unit } = verdict.comparisons;
  const failed = verdict.regressions.length > 0;
  const lines = [
    `### ${failed ? '🔶' : '✅'} hotspan: ${escapeMarkdown(headline(facts))}`, '',
    `CPU per run, base ${escapeMarkdown(base)} against head, ${runs} runs a side${looks === 2 ? ' in two looks' : ''}, interleaved. Whole program: ${formatValue(total.base, unit)} → ${formatValue(total.head, unit)} (median).`,
    ...facts.warnings.flatMap((warning) => ['', `> ${escapeMarkdown(warning)}`]),
  ];
  for (const [key, title] of groups) {
    const findings = verdict[key].slice(0, mostRows);
    if (findings.length === 0) continue;
    lines.push('', `**${title}**`, '', '| function | base | head | delta | change | 95% interval | p |', '|---|--:|--:|--:|--:|--:|--:|');
    for (const finding of findings) {
      const name = `\`${nameOf(finding.comparison).replaceAll('`', "'").replaceAll('|', '\\|')}\` ${escapeMarkdown(note(finding))}`;
      lines.push(`| ${[name.trim(), ...cells(finding, unit)].join(' | ')} |`);
    }
  }
  if (facts.flame !== undefined) lines.push('', `Flame graph: ${escapeMarkdown(facts.flame)}`);
  return `${lines.join('\n')}\n`;
}

/** Workflow commands of GitHub Actions: one annotation for each regression, at its line. */
export function renderAnnotations({ verdict }: ReportFacts): string {
  const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return verdict.regressions.map((finding) => {
    const { fn } = finding.comparison;
    const place = fn === undefined || fn.place.file === '' || fn.place.file.startsWith('/') ? ''
      : `file=${escapeProperty(fn.place.file)},line=${Math.max(1, fn.line)},`;
    const message = `${nameOf(finding.comparison)} ${growth(finding.comparison)}: ${cells(finding, verdict.comparisons.unit).slice(0, 3).join(', ')} cpu a run`;
    return `::error ${place}title=${escapeProperty('hotspan: slower')}::${escapeData(message)}\n`;
  }).join('');
}

/** For programs. Values in the unit given, effects as parts (0.1 is 10%); null stands for infinite. */
export function reportJson(facts: ReportFacts): object {
  const { verdict } = facts;
  const finding = ({ comparison, p, movement }: Finding): object => ({
    ...comparisonJson(comparison),
    p,
    ...(movement === undefined ? {} : { from: movement.from.map((other) => comparisonJson(other)) }),
  });
  return {
    result: verdict.regressions.length > 0 ? 'slower' : 'ok',
    headline: headline(facts),
    base: facts.base, runs: facts.runs, looks: facts.looks, failOn: facts.failOn, warnings: facts.warnings,
    unit: verdict.comparisons.unit,
    total: comparisonJson(verdict.comparisons.total),
    ...Object.fromEntries(groups.map(([key]) => [key, verdict[key].map(finding)])),
    functions: verdict.comparisons.functions.filter((each) => each !== undefined).map(comparisonJson),
  };
}

function comparisonJson({ fn, base, head, effect, relative, measured, pMore, pLess }: Comparison): object {
  const where = fn === undefined ? { name: '(whole program)', file: '', line: 0 } : {
    name: fn.place.name, file: fn.place.file, line: fn.place.line, hotLine: fn.line, match: fn.match,
    ...(fn.was === undefined ? {} : { was: fn.was }),
    ...(fn.mainCaller === undefined ? {} : { mainCaller: fn.mainCaller }),
  };
  return { ...where, base, head, effect, relative, measured, pMore, pLess };
}

function cells({ comparison: { base, head, effect, relative }, p }: Finding, unit: string): string[] {
  return [formatValue(base, unit), formatValue(head, unit), signedValue(effect.estimate, unit), signedPercent(relative.estimate), interval(relative), probability(p)];
}

function nameOf({ fn }: Comparison): string {
  return fn === undefined ? '(whole program)' : oneLine(fn.place.name) || '(anonymous)';
}

function whereOf({ fn }: Comparison): string {
  return fn === undefined ? '' : placeText(fn.place.file, fn.line > 0 ? fn.line : fn.place.line);
}

/** Where it is, what it was called, who calls it, where the cost came from. */
function note({ comparison, movement }: Finding): string {
  const { fn } = comparison;
  const parts = [
    whereOf(comparison),
    ...(fn?.was === undefined ? [] : [`(${fn.match}, was ${oneLine(fn.was.name)} ${placeText(fn.was.file, fn.was.line)})`]),
    ...(movement === undefined ? [] : [`← ${movement.from.map((other) => `${nameOf(other)} ${signedPercent(other.relative.estimate)}`).join(', ')}`]),
    ...(fn?.mainCaller === undefined ? [] : [`called by ${oneLine(fn.mainCaller.name)}`]),
  ];
  return parts.filter(Boolean).join(' ');
}

function growth({ relative, effect, fn }: Comparison): string {
  if (relative.estimate === Infinity) return `is new and costs ${formatValue(effect.estimate, 'nanoseconds')} a run`;
  return `${fn === undefined ? 'needs' : 'is'} ${percent(relative.estimate)} ${fn === undefined ? 'more CPU' : 'slower'}`;
}

function interval({ low, high }: Shift): string {
  return `${signedPercent(low)} … ${signedPercent(high)}`;
}

function signedPercent(part: number): string {
  if (part === Infinity) return 'new';
  if (part === -Infinity) return '-∞';
  return `${part > 0 ? '+' : ''}${percent(part)}`;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(Math.abs(part) >= 1 ? 0 : 1)}%`;
}

function probability(p: number): string {
  return p < 0.0001 ? '<0.0001' : p.toFixed(4);
}

function parenthesized(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

