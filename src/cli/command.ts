import { parseArgs } from 'node:util';
import { closestMatch } from '../options/closest-match.ts';

/** One subcommand of `hotspan`: a table of options plus the work. Help and parsing come from the table. */
export interface Command {
  readonly name: string;
  /** A few words for the list of commands, beginning with a capital verb, no full stop. */
  readonly summary: string;
  /** What follows `hotspan` in the usage line, such as `top [options] FILE…`. */
  readonly usage: string;
  readonly options: readonly CliOption[];
  /** Paragraphs under the options in `--help`: examples, exit codes. Wrapped unless a line starts with a space. */
  readonly notes?: string;
  /** With true, the first positional and all after it go untouched to `rest`, as `time` does it. */
  readonly stopAtFirstPositional?: boolean;
  /**
   * Does the work and resolves to the exit code.
   * Throws `UsageError` for what the user can mend: it becomes one line on stderr and exit code 2.
   */
  run(args: ParsedArgs, io: CommandIo): Promise<number>;
}

export interface CliOption {
  /** The long name without its dashes, such as `native-frames`; also the key in `ParsedArgs.values`. */
  readonly flag: string;
  /** One letter, without its dash. */
  readonly short?: string;
  readonly kind: 'boolean' | 'string' | 'number';
  /** May be given several times; its value is then a list of strings. Only for kind `string`. */
  readonly multiple?: boolean;
  /** Shown in help in place of the value, such as `DIR`. */
  readonly valueName?: string;
  /** The only values accepted. */
  readonly choices?: readonly string[];
  readonly default?: string | number | boolean;
  /** One line, no full stop. */
  readonly help: string;
}

export interface ParsedArgs {
  /** By `CliOption.flag`. An option neither given nor with a default is undefined. */
  readonly values: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly positionals: readonly string[];
  /** What stands after `--`, untouched. */
  readonly rest: readonly string[];
}

/** What a command may touch of the process, so that tests can hand it something else. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  readonly stderr: { write(text: string): unknown; isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** A mistake the user can mend. The message is one line that says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Every command has it without declaring it. */
export const helpOption: CliOption = { flag: 'help', short: 'h', kind: 'boolean', help: 'Show this help' };

type Value = ParsedArgs['values'][string];

/**
 * Parses what stands after the command's name.
 * Throws `UsageError` for an unknown option, a missing value or one that is not accepted.
 */
export function parseCommandLine(
  command: Pick<Command, 'options' | 'stopAtFirstPositional'>,
  argv: readonly string[],
): ParsedArgs {
  const options = [...command.options, helpOption];
  const byFlag = new Map(options.map((option) => [option.flag, option]));
  // Not strict: the tokens are checked here, for messages that name what is accepted.
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(options.map((option) => [option.flag, parserConfig(option)])),
    strict: false,
    tokens: true,
  });
  const values: Record<string, Value> = {};
  for (const option of options) {
    if (option.default !== undefined) values[option.flag] = option.default;
  }
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') {
      return { values, positionals, rest: argv.slice(token.index + 1) };
    }
    if (token.kind === 'positional') {
      if (command.stopAtFirstPositional) return { values, positionals, rest: argv.slice(token.index) };
      positionals.push(token.value);
      continue;
    }
    const option = byFlag.get(token.name);
    if (option === undefined) throw unknownOption(token.rawName, options);
    const value = optionValue(option, token);
    if (option.multiple) values[option.flag] = [...((values[option.flag] as readonly string[]) ?? []), String(value)];
    else values[option.flag] = value;
  }
  return { values, positionals, rest: [] };
}

function parserConfig(option: CliOption): { type: 'boolean' | 'string'; short?: string } {
  const type = option.kind === 'boolean' ? 'boolean' : 'string';
  return option.short === undefined ? { type } : { type, short: option.short };
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function optionValue(option: CliOption, token: OptionToken): string | number | boolean {
  const { rawName, value } = token;
  if (option.kind === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value, got ${JSON.stringify(value)}`);
    return true;
  }
  // `--out --rate 5` is a forgotten directory, not a directory named `--rate`; `--out=--rate` says it is meant.
  const looksLikeOption = !token.inlineValue && value !== undefined && /^-[^\d]/.test(value);
  if (value === undefined || looksLikeOption) {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${valueLabel(option)}`);
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    throw new UsageError(`${rawName} accepts ${option.choices.join(', ')}; got ${JSON.stringify(value)}`);
  }
  if (option.kind === 'string') return value;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) {
    throw new UsageError(`${rawName} expects a number, got ${JSON.stringify(value)}`);
  }
  return number;
}

/** The placeholder of an option's value in help and messages. */
export function valueLabel(option: CliOption): string {
  return option.valueName ?? option.choices?.join('|') ?? (option.kind === 'number' ? 'N' : 'VALUE');
}

function unknownOption(rawName: string, options: readonly CliOption[]): UsageError {
  const guess = closestMatch(rawName.replace(/^-+/, ''), options.map((option) => option.flag));
  const hint = guess === undefined ? '--help lists them' : `did you mean --${guess}?`;
  return new UsageError(`unknown option ${rawName} (${hint})`);
}
