import { readFile } from 'node:fs/promises';
import { closestMatch } from '../options/closest-match.ts';
import { maskCredentials } from '../options/mask-credentials.ts';
import { createPaint } from './color.ts';
import { type Command, type CommandIo, UsageError, parseCommandLine } from './command.ts';
import { type HelpLayout, renderCommandHelp, renderOverview } from './help.ts';

export type CommandTable = ReadonlyMap<string, () => Promise<Command>>;

/** Each command is loaded only when asked for: `hotspan run` stands in front of every start of an app. */
const builtinCommands: CommandTable = new Map([
  ['run', async () => (await import('./run.ts')).runCommand],
  ['top', async () => (await import('./top.ts')).topCommand],
  ['diff', async () => (await import('./diff.ts')).diffCommand],
  ['ci', async () => (await import('./ci.ts')).ciCommand],
  ['flame', async () => (await import('./flame.ts')).flameCommand],
  ['env', async () => (await import('./env.ts')).envCommand],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand],
]);

/**
 * Runs `hotspan ARGV…` and resolves to its exit code. What the user can mend is one line on
 * stderr and code 2; a failure of ours is one line and code 1 (HOTSPAN_LOG=debug adds the stack).
 */
export async function dispatch(
  argv: readonly string[],
  io: CommandIo,
  commands: CommandTable = builtinCommands,
): Promise<number> {
  const [word, ...rest] = argv;
  try {
    if (word === '--version' || word === '-V') {
      io.stdout.write(`${await readVersion()}\n`);
      return 0;
    }
    if (word === '--help' || word === '-h' || word === 'help') return await showHelp(word === 'help' ? rest : [], io, commands);
    if (word === undefined) {
      io.stderr.write('hotspan: which command? See hotspan --help\n');
      return 2;
    }
    const command = await loadCommand(word, commands);
    const args = parseCommandLine(command, rest);
    if (args.values['help'] === true) return await showHelp([word], io, commands);
    return await command.run(args, io);
  } catch (error) {
    return reportFailure(error, commands.has(word ?? '') ? `hotspan ${word}` : 'hotspan', io);
  }
}

async function showHelp(topic: readonly string[], io: CommandIo, commands: CommandTable): Promise<number> {
  const layout: HelpLayout = { paint: createPaint(io.stdout, io.env), columns: io.stdout.columns };
  const [name] = topic;
  if (name === undefined) {
    const all = await Promise.all([...commands.values()].map((load) => load()));
    io.stdout.write(renderOverview(all, layout));
  } else {
    io.stdout.write(renderCommandHelp(await loadCommand(name, commands), layout));
  }
  return 0;
}

async function loadCommand(name: string, commands: CommandTable): Promise<Command> {
  const load = commands.get(name);
  if (load !== undefined) return load();
  const what = name.startsWith('-') ? 'option' : 'command';
  const known = what === 'option' ? ['--help', '--version'] : [...commands.keys(), 'help'];
  const guess = closestMatch(name, known);
  const hint = guess === undefined ? 'see hotspan --help' : `did you mean ${guess}?`;
  throw new UsageError(`unknown ${what} ${name} (${hint})`);
}

function reportFailure(error: unknown, who: string, io: CommandIo): number {
  const message = maskCredentials(error instanceof Error ? error.message : String(error));
  io.stderr.write(`${who}: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  if (error instanceof UsageError || isAboutInput(error)) return 2;
  if (io.env['HOTSPAN_LOG'] === 'debug' && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  return 1;
}

/** Errors with a code of ours tell what is wrong with a file or a value, in one line for the user. */
function isAboutInput(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('HOTSPAN_ERR_');
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
