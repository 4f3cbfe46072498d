import { resolve } from 'node:path';
import type { Profile } from 'pprof-format';
import { diffTable, type DiffTable } from '../analyze/diff.ts';
import { renderDiff, renderDiffMarkdown } from '../analyze/render-diff.ts';
import { ProfileError } from '../profile/profile-error.ts';
import { readProfile } from '../profile/read-profile.ts';
import { createPaint } from './color.ts';
import { UsageError, type Command, type CommandIo, type ParsedArgs } from './command.ts';

const defaultRows = 20;

const notes = `With two files the first is the base. More files a side are separated by --: values are then means a file. Functions are matched by name and file; one that was moved or renamed is found again by its callers, callees, lines and cost. Lines are matched by their distance from their function's beginning.

A difference is not yet a change: two runs of the same program differ, too. "hotspan ci" measures both sides often enough to know.

Examples:
  hotspan diff before/cpu.pb.gz after/cpu.pb.gz
  hotspan diff --by line --json base/*.pb.gz -- head/*.pb.gz
  hotspan diff --root /tmp/base --root "$PWD" base.pb.gz head.pb.gz`;

/** `hotspan diff BASE… HEAD…`: what changed between profiles. */
export const diffCommand: Command = {
  name: 'diff',
  summary: 'Show what changed between two sets of profile files',
  usage: 'diff [options] BASE HEAD | BASE… -- HEAD…',
  options: [
    { flag: 'by', kind: 'string', choices: ['function', 'line'], default: 'function', help: 'What a row stands for' },
    { flag: 'type', kind: 'string', valueName: 'TYPE', help: 'Sample type: cpu, wall, samples, inuse_space, … (default: that of the first file)' },
    { flag: 'cum', kind: 'boolean', help: 'Sort by cumulative value instead of flat' },
    { flag: 'normalized', kind: 'boolean', help: 'Sort by the change of shares instead of the change of values' },
    { flag: 'root', kind: 'string', multiple: true, valueName: 'DIR', help: 'Cut this directory off file names, so that two checkouts match' },
    { flag: 'limit', short: 'n', kind: 'number', valueName: 'N', default: defaultRows, help: 'Most rows to print' },
    { flag: 'json', kind: 'boolean', help: 'Print JSON' },
    { flag: 'markdown', kind: 'boolean', help: 'Print a Markdown table' },
  ],
  notes,
  run: runDiff,
};

async function runDiff(args: ParsedArgs, io: CommandIo): Promise<number> {
  const { base, head } = sidesOf(args);
  const { values } = args;
  if (values['json'] === true && values['markdown'] === true) throw new UsageError('--json and --markdown exclude each other');
  const limit = values['limit'];
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) {
    throw new UsageError(`-n expects a whole number above 0, got ${JSON.stringify(limit)}`);
  }
  const roots = (values['root'] ?? []) as readonly string[];
  try {
    const table = diffTable(await readAll(base, io.cwd), await readAll(head, io.cwd), {
      by: values['by'] === 'line' ? 'line' : 'function',
      type: values['type'] === undefined ? undefined : String(values['type']),
      cum: values['cum'] === true,
      normalized: values['normalized'] === true,
      roots: roots.map((root) => resolve(io.cwd, root)),
      limit,
    });
    io.stdout.write(render(table, args, base, head, io));
    return 0;
  } catch (cause) {
    if (cause instanceof ProfileError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

function sidesOf({ positionals, rest }: ParsedArgs): { base: readonly string[]; head: readonly string[] } {
  if (rest.length > 0 && positionals.length > 0) return { base: positionals, head: rest };
  const files = [...positionals, ...rest];
  const [base, head] = files;
  if (files.length === 2 && base !== undefined && head !== undefined) return { base: [base], head: [head] };
  if (files.length < 2) throw new UsageError('name the profile files of both sides: hotspan diff BASE HEAD');
  throw new UsageError('separate several files a side by --: hotspan diff BASE… -- HEAD…');
}

async function readAll(files: readonly string[], cwd: string): Promise<Profile[]> {
  const profiles: Profile[] = [];
  // One after the other: all at once would hold every compressed file in memory as well.
  for (const file of files) profiles.push(await readProfile(resolve(cwd, file)));
  return profiles;
}

function render(table: DiffTable, { values }: ParsedArgs, base: readonly string[], head: readonly string[], io: CommandIo): string {
  if (values['json'] === true) return `${JSON.stringify({ base, head, ...table }, null, 2)}\n`;
  if (values['markdown'] === true) return renderDiffMarkdown(table);
  const paint = createPaint(io.stdout, io.env);
  // Orange and blue: red and green are one colour to many eyes.
  const formats = { more: 'yellow', less: 'cyan', dim: 'dim', bold: 'bold' } as const;
  return renderDiff(table, { paint: (kind, text) => paint(formats[kind], text) });
}
