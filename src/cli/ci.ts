import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { flameData } from '../analyze/flame-data.ts';
import { checkOutBase, shareDependencies, withoutRepository, type BaseCheckout } from '../ci/git-worktree.ts';
import { measure, type Measured } from '../ci/measure.ts';
import { renderAnnotations, renderMarkdown, renderText, reportJson, type ReportFacts } from '../ci/report.ts';
import { blindSpots } from '../ci/sensitivity.ts';
import { profileFileMode } from '../delivery/file-exporter.ts';
import { pageScript } from '../flame/page-script.ts';
import { renderFlamePage } from '../flame/render-page.ts';
import { gzipProfile } from '../profile/encode-profile.ts';
import { mergeProfiles } from '../profile/merge-profiles.ts';
import { dieBy } from './child-process.ts';
import { createPaint } from './color.ts';
import { UsageError, type Command, type CommandIo, type ParsedArgs } from './command.ts';
import { registerPath } from './node-options.ts';
import { PerfCommandError, runPerfCommand, runShell } from './perf-run.ts';
import { createProgress } from './progress.ts';

const notes = `Checks BASE out beside your working tree, runs the perf command on both in turn with profiling on, and compares the CPU time of every function by a rank test over the runs. What looks slower is measured a second time; only what is slower again counts. A cost that moved between functions, and functions that were renamed, are told apart from growth.

The command runs in the same folder of both checkouts. Without --setup the base gets your node_modules when it asks for the same packages.

Exit code 1: a function became slower by --fail-on or more. 0: none did. 2: the comparison could not be made.

DIR gets report.md, report.json, flame.html, base.pb.gz and head.pb.gz. In GitHub Actions the report also goes to the job's summary, and slower lines are annotated.

Examples:
  hotspan ci -- node bench/perf.js
  hotspan ci --base origin/main --setup "npm ci && npm run build" -- npm run perf`;

export interface CiSettings {
  /** The file that every Node process beneath the command loads first. */
  readonly registerPath: string;
}

/** `hotspan ci`. The settings are a parameter so that tests can load something else than the profiler. */
export function createCiCommand({ registerPath }: CiSettings): Command {
  return {
    name: 'ci',
    summary: 'Compare a perf command with its base and name the function that got slower',
    usage: 'ci [options] [--] COMMAND [ARG…]',
    stopAtFirstPositional: true,
    options: [
      { flag: 'base', kind: 'string', valueName: 'REF', help: 'Commit to compare with (default: where this branch left the main branch)' },
      { flag: 'runs', kind: 'number', valueName: 'N', default: 10, help: 'Runs a side; as many again where something looks slower' },
      { flag: 'setup', kind: 'string', valueName: 'CMD', help: "What makes the base's checkout ready, such as 'npm ci'" },
      { flag: 'fail-on', kind: 'number', valueName: 'PCT', default: 5, help: "Growth of a function's own CPU time that fails, in percent" },
      { flag: 'rate', kind: 'number', valueName: 'HZ', default: 4999, help: 'Samples a second of a busy thread (1 to 10000)' },
      { flag: 'out', short: 'o', kind: 'string', valueName: 'DIR', default: './hotspan-ci', help: 'Where report, flame graph and profiles go' },
      { flag: 'json', kind: 'boolean', help: 'Print JSON' },
    ],
    notes,
    run: (args, io) => runCi(args, io, registerPath),
  };
}

export const ciCommand: Command = createCiCommand({ registerPath });

interface CiRequest {
  readonly command: readonly string[];
  readonly base: string | undefined;
  readonly runs: number;
  readonly setup: string | undefined;
  readonly failOn: number;
  readonly rate: number;
  readonly out: string;
  readonly json: boolean;
}

async function runCi(args: ParsedArgs, io: CommandIo, registerPath: string): Promise<number> {
  const request = parseRequest(args);
  const interruption = new AbortController();
  let interruptedBy: NodeJS.Signals | undefined;
  const interrupt = (signal: NodeJS.Signals): void => {
    interruptedBy = signal;
    interruption.abort(new UsageError(`ended by ${signal}`));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const checkout = await checkOutBase(io.cwd, request.base, io.env);
    try {
      return await compareWith(checkout, request, io, registerPath, interruption.signal);
    } finally {
      await checkout.remove();
    }
  } catch (error) {
    if (interruptedBy !== undefined) return await dieBy(interruptedBy);
    if (error instanceof PerfCommandError && error.output !== '') io.stderr.write(`${error.output}\n`);
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

function parseRequest({ values, rest }: ParsedArgs): CiRequest {
  if (rest.length === 0) throw new UsageError('no perf command given: hotspan ci [options] -- COMMAND…');
  const number = (flag: string, isGood: (value: number) => boolean, expected: string): number => {
    const value = values[flag];
    if (typeof value === 'number' && isGood(value)) return value;
    throw new UsageError(`--${flag} expects ${expected}, got ${JSON.stringify(value)}`);
  };
  return {
    command: rest,
    base: values['base'] === undefined ? undefined : String(values['base']),
    runs: number('runs', (value) => Number.isInteger(value) && value >= 2 && value <= 1000, 'a whole number from 2 to 1000'),
    setup: values['setup'] === undefined ? undefined : String(values['setup']),
    failOn: number('fail-on', (value) => value > 0, 'a percentage above 0') / 100,
    rate: number('rate', (value) => Number.isInteger(value) && value >= 1 && value <= 10_000, 'a whole number from 1 to 10000'),
    out: String(values['out']),
    json: values['json'] === true,
  };
}

async function compareWith(checkout: BaseCheckout, request: CiRequest, io: CommandIo, registerPath: string, signal: AbortSignal): Promise<number> {
  const { runs, failOn } = request;
  const warnings: string[] = [];
  const env = withoutRepository(io.env);
  const progress = createProgress(io.stderr, `preparing base ${checkout.description}`);
  try {
    if (request.setup !== undefined) await runShell(request.setup, checkout.baseCwd, env, '--setup failed on the base', signal);
    else if (!shareDependencies(checkout)) warnings.push('the base asks for other packages than head: give --setup, such as --setup "npm ci"');
    const measured = await measure({
      runs, failOn,
      roots: [checkout.baseRoot, checkout.headRoot],
      runOnce: (side) => runPerfCommand({
        command: request.command, env, registerPath, side, signal,
        cwd: side === 'base' ? checkout.baseCwd : io.cwd,
        variables: { HOTSPAN_RATE: String(request.rate) },
      }),
      onProgress: ({ done, of, side, suspects }) => {
        const why = suspects === 0 ? '' : `, ${suspects} suspected: second look`;
        progress.update(`run ${done + 1} of ${of} (${side}${why})`);
      },
    });
    progress.update('writing the report');
    const tested = measured.verdict.comparisons.functions.filter((each) => each !== undefined).length;
    warnings.push(...blindSpots(measured.measurement, runs, failOn, tested));
    const facts = await writeReport(measured, { warnings, failOn, base: checkout.description, runs: measured.measurement.base.length }, checkout, request.out, io);
    progress.stop();
    print(facts, request.json, io);
    return measured.verdict.regressions.length > 0 ? 1 : 0;
  } finally {
    progress.stop();
  }
}

async function writeReport(
  { verdict, measurement, looks }: Measured,
  known: Pick<ReportFacts, 'warnings' | 'failOn' | 'base' | 'runs'>,
  checkout: BaseCheckout,
  out: string,
  io: CommandIo,
): Promise<ReportFacts> {
  const directory = resolve(io.cwd, out);
  const facts: ReportFacts = { ...known, verdict, looks, flame: join(relative(io.cwd, directory), 'flame.html') };
  try {
    await mkdir(directory, { recursive: true });
    const data = flameData({ ...measurement, roots: [checkout.baseRoot, checkout.headRoot] });
    const html = await renderFlamePage({ title: `head against base ${known.base}`, data, script: await pageScript() });
    const write = (name: string, content: string | Uint8Array): Promise<void> => writeFile(join(directory, name), content, { mode: profileFileMode });
    await write('flame.html', html);
    for (const side of ['base', 'head'] as const) await write(`${side}.pb.gz`, await gzipProfile(mergeProfiles(measurement[side])));
    await write('report.md', renderMarkdown(facts));
    await write('report.json', `${JSON.stringify(reportJson(facts), null, 2)}\n`);
  } catch (cause) {
    throw new UsageError(`cannot write to ${out}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const summary = io.env['GITHUB_STEP_SUMMARY'];
  // A summary that cannot be written does not change what was measured.
  if (summary) await appendFile(summary, renderMarkdown(facts)).catch(() => undefined);
  return facts;
}

function print(facts: ReportFacts, json: boolean, io: CommandIo): void {
  if (io.env['GITHUB_ACTIONS'] === 'true') io.stderr.write(renderAnnotations(facts));
  if (json) {
    io.stdout.write(`${JSON.stringify(reportJson(facts), null, 2)}\n`);
    return;
  }
  const paint = createPaint(io.stdout, io.env);
  const formats = { bad: ['bold', 'yellow'], good: 'cyan', dim: 'dim', bold: 'bold' } as const;
  io.stdout.write(renderText(facts, (kind, text) => paint([formats[kind]].flat(), text)));
}
