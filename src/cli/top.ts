import { resolve } from 'node:path';
import type { Profile } from 'pprof-format';
import { formatPercent, formatValue } from '../analyze/format-value.ts';
import { renderTop } from '../analyze/render-top.ts';
import { topTable, type TopBy, type TopTable } from '../analyze/top.ts';
import { filterProfile, type LabelMatch } from '../profile/filter-profile.ts';
import { mergeProfiles } from '../profile/merge-profiles.ts';
import { ProfileError } from '../profile/profile-error.ts';
import { readProfile } from '../profile/read-profile.ts';
import { UsageError, type Command, type CommandIo, type ParsedArgs } from './command.ts';

const defaultRows = 20;

/** `hotspan top FILE…`: the functions, lines or label values that cost most. */
export const topCommand: Command = {
  name: 'top',
  summary: 'Show what cost most in profile files',
  usage: 'top [options] FILE…',
  options: [
    { flag: 'by', kind: 'string', valueName: 'function|line|label:KEY', default: 'function', help: 'What a row stands for' },
    { flag: 'type', kind: 'string', valueName: 'TYPE', help: 'Sample type: cpu, wall, samples, inuse_space, … (default: that of the file)' },
    { flag: 'focus', kind: 'string', valueName: 'RE', help: 'Only samples with a function or file matching this regular expression' },
    { flag: 'label', kind: 'string', multiple: true, valueName: 'KEY=VALUE', help: 'Only samples with this label; repeat for more' },
    { flag: 'cum', kind: 'boolean', help: 'Sort by cumulative value instead of flat' },
    { flag: 'limit', short: 'n', kind: 'number', valueName: 'N', default: defaultRows, help: 'Most rows to print' },
    { flag: 'json', kind: 'boolean', help: 'Print JSON' },
  ],
  notes: 'Several files are merged. Percentages are of the total before --focus and --label.',
  run: runTop,
};

interface TopRequest {
  readonly files: readonly string[];
  readonly by: TopBy;
  readonly type: string | undefined;
  readonly focus: RegExp | undefined;
  readonly labels: readonly LabelMatch[];
  readonly cum: boolean;
  readonly limit: number;
}

async function runTop(args: ParsedArgs, io: CommandIo): Promise<number> {
  const request = parseRequest(args);
  try {
    const profile = await loadMerged(request.files, io.cwd);
    const table = tableFor(profile, request);
    const text = args.values['json'] === true
      ? renderJson(profile, table, request.files)
      : renderHeader(profile, table, request.files) + renderTop(table, { color: wantsColor(io) });
    io.stdout.write(text);
    return 0;
  } catch (cause) {
    if (cause instanceof ProfileError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

function parseRequest({ values, positionals, rest }: ParsedArgs): TopRequest {
  const files = [...positionals, ...rest];
  if (files.length === 0) throw new UsageError('name at least one profile file, such as profiles/cpu.pb.gz');
  const labels = values['label'];
  return {
    files,
    by: parseBy(String(values['by'] ?? 'function')),
    type: values['type'] === undefined ? undefined : String(values['type']),
    focus: values['focus'] === undefined ? undefined : parseExpression(String(values['focus'])),
    labels: (Array.isArray(labels) ? labels as readonly string[] : []).map(parseLabel),
    cum: values['cum'] === true,
    limit: parseLimit(values['limit'] ?? defaultRows),
  };
}

function parseBy(text: string): TopBy {
  if (text === 'function' || text === 'line') return text;
  if (text.startsWith('label:') && text.length > 'label:'.length) return text as `label:${string}`;
  throw new UsageError(`--by accepts function, line or label:KEY; got ${JSON.stringify(text)}`);
}

function parseExpression(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (cause) {
    throw new UsageError(`--focus is not a regular expression: ${JSON.stringify(source)}`, { cause });
  }
}

function parseLabel(text: string): LabelMatch {
  const separator = text.indexOf('=');
  if (separator <= 0) throw new UsageError(`--label expects KEY=VALUE, got ${JSON.stringify(text)}`);
  return { key: text.slice(0, separator), value: text.slice(separator + 1) };
}

function parseLimit(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`-n expects a whole number above 0, got ${JSON.stringify(value)}`);
}

async function loadMerged(files: readonly string[], cwd: string): Promise<Profile> {
  const profiles: Profile[] = [];
  // One after the other: all at once would hold every compressed file in memory as well.
  for (const file of files) profiles.push(await readProfile(resolve(cwd, file)));
  const [only] = profiles;
  return only !== undefined && profiles.length === 1 ? only : mergeProfiles(profiles);
}

function tableFor(profile: Profile, { by, type, cum, limit, focus, labels }: TopRequest): TopTable {
  const options = { by, type, cum, limit };
  if (focus === undefined && labels.length === 0) return topTable(profile, options);
  const { total } = topTable(profile, { ...options, limit: 0 });
  return topTable(filterProfile(profile, { focus, labels }), { ...options, total });
}

function renderHeader(profile: Profile, table: TopTable, files: readonly string[]): string {
  const seconds = durationSeconds(profile);
  const lines = [`Type: ${table.type}/${table.unit}`, `Total: ${formatValue(table.total, table.unit)}`];
  if (table.matched !== table.total) {
    const share = table.total === 0 ? 0 : (table.matched / table.total) * 100;
    lines.push(`Matching: ${formatValue(table.matched, table.unit)} (${formatPercent(share)})`);
  }
  if (seconds > 0) lines.push(`Duration: ${formatValue(seconds * 1e9, 'nanoseconds')}`);
  lines.push(`${files.length === 1 ? 'File' : 'Files'}: ${files.join(', ')}`);
  return `${lines.join('\n')}\n\n`;
}

function renderJson(profile: Profile, table: TopTable, files: readonly string[]): string {
  const timeMs = Number(profile.timeNanos) / 1e6;
  const time = timeMs > 0 && timeMs < 8.64e15 ? new Date(timeMs).toISOString() : null;
  const { rows, ...summary } = table;
  return `${JSON.stringify({ files, time, durationSeconds: durationSeconds(profile), ...summary, rows }, null, 2)}\n`;
}

function durationSeconds(profile: Profile): number {
  return Math.max(0, Number(profile.durationNanos) / 1e9);
}

function wantsColor({ stdout, env }: CommandIo): boolean {
  return stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
