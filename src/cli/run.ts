import { type ChildEnd, dieBy, guardWork, runChild } from './child-process.ts';
import { wantsColor } from './color.ts';
import { type Command, type CommandIo, type ParsedArgs, UsageError } from './command.ts';
import { registerPath } from './node-options.ts';
import { createProgress } from './progress.ts';
import { type RunDirectory, openRunDirectory } from './run-directory.ts';
import { buildChildEnv, runFlags, variablesFromFlags } from './run-environment.ts';

const notes = `Runs COMMAND with profiling on in it, its workers and every Node.js process it starts. Options stand before the command; from the command's name on, everything is the command's own.

DIR gets one file per process, cpu-<pid>.pb.gz, and their merge, cpu.pb.gz. The report goes to stderr; the command's stdin, stdout and exit code (or the signal that ends it) are its own. Exit code 2 means that the command was not started: it does not exist, an option is wrong, or DIR cannot be written.

Examples:
  hotspan run -- node server.js
  hotspan run --rate 499 --out /tmp/profiles npm test`;

export interface RunSettings {
  /** The file that every Node process beneath the command loads first. */
  readonly registerPath: string;
}

/** `hotspan run`. The settings are a parameter so that tests can load something else than the profiler. */
export function createRunCommand({ registerPath }: RunSettings): Command {
  return {
    name: 'run',
    summary: 'Run a command with profiling on and show where its time went',
    usage: 'run [options] [--] COMMAND [ARG…]',
    stopAtFirstPositional: true,
    options: [
      { flag: 'out', short: 'o', kind: 'string', valueName: 'DIR', default: './profiles', help: 'Where the profiles go' },
      { flag: 'limit', short: 'n', kind: 'number', default: 10, help: 'Functions to show at the end; 0 for none' },
      ...runFlags,
    ],
    notes,
    run: async (args, io) => {
      const command = args.rest;
      if (command.length === 0) throw new UsageError('no command given: hotspan run [options] -- COMMAND…');
      const rows = rowCount(args);
      const variables = variablesFromFlags(args.values);
      const directory = await openRunDirectory(String(args.values['out']), io.cwd);
      const env = buildChildEnv({ env: io.env, variables, runDirectory: directory.incoming, registerPath });
      const end = await runChild(command, env);
      if ('failure' in end) {
        await directory.remove();
        throw new UsageError(end.failure);
      }
      await guardWork(
        () => collectAndReport(directory, end, rows, io),
        () => io.stderr.write('hotspan run: writing the profiles; once more to give them up\n'),
      );
      return 'signal' in end ? dieBy(end.signal) : end.code;
    },
  };
}

export const runCommand: Command = createRunCommand({ registerPath });

function rowCount(args: ParsedArgs): number {
  const rows = Number(args.values['limit']);
  if (!Number.isInteger(rows) || rows < 0) throw new UsageError(`--limit expects a whole number from 0, got ${rows}`);
  return rows;
}

/** Never rejects: after the command has run, its exit code is what counts. */
async function collectAndReport(directory: RunDirectory, end: ChildEnd, rows: number, io: CommandIo): Promise<void> {
  const progress = createProgress(io.stderr, 'collecting profiles');
  const lines: string[] = [];
  try {
    // Loaded only now: the command should start at once.
    const [{ collectProfiles }, { renderReport }] = await Promise.all([
      import('../delivery/collect-profiles.ts'),
      import('./run-report.ts'),
    ]);
    const { collected, skipped } = await collectProfiles({
      incoming: directory.incoming,
      output: directory.output,
      onProgress: (text) => progress.update(text),
    });
    for (const what of skipped) lines.push(`hotspan run: skipped a profile: ${what}\n`);
    if (collected.length === 0 && skipped.length === 0) lines.push(`hotspan run: ${noProfile(end)}\n`);
    const color = wantsColor(io.stderr, io.env);
    lines.push(...collected.map((profiles) => renderReport(profiles, { rows, cwd: io.cwd, color })));
  } catch (error) {
    lines.push(`hotspan run: could not finish the profiles: ${messageOf(error)}\n`);
  }
  await directory.remove().catch((error: unknown) => {
    lines.push(`hotspan run: could not remove ${directory.incoming}: ${messageOf(error)}\n`);
  });
  progress.stop();
  io.stderr.write(lines.join(''));
}

function noProfile(end: ChildEnd): string {
  if ('signal' in end && end.signal === 'SIGKILL') {
    return 'no profile: the command was killed by SIGKILL and had no time to write one';
  }
  if ('signal' in end) return `no profile: the command was ended by ${end.signal} before it wrote one, or is no Node.js program`;
  return 'no profile: no Node.js process ran to its end (is it a Node.js program, and does it pass NODE_OPTIONS on?)';
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}
