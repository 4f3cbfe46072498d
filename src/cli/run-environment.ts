import type { OptionDefinition } from '../options/option-definition.ts';
import { optionTable } from '../options/option-table.ts';
import { acceptedValues, choiceNames, formatValue, parseText } from '../options/parse-value.ts';
import { type CliOption, type ParsedArgs, UsageError } from './command.ts';
import { withRequired } from './node-options.ts';

const rows = (optionTable as readonly OptionDefinition[]).filter(({ surfaces }) => surfaces.includes('run'));

/** The flags of `hotspan run` that stand for options, from the option table. */
export const runFlags: readonly CliOption[] = rows.map((row) => ({
  flag: flagOf(row),
  // Text here and parsed by the table's own rules: one message for a bad value wherever it comes from.
  kind: 'string',
  valueName: valueName(row),
  help: `${row.help} (${[...rangeOf(row), defaultOf(row)].join('; ')})`,
}));

/**
 * The environment variables that the flags given stand for.
 * Throws `UsageError` naming the first flag whose value is not accepted.
 */
export function variablesFromFlags(values: ParsedArgs['values']): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const row of rows) {
    const text = values[flagOf(row)];
    const [variable] = row.env;
    if (typeof text !== 'string' || typeof variable !== 'string') continue;
    const { value, complaints } = parseText(row, text);
    const [complaint] = text.trim() === '' ? [`expected ${acceptedValues(row)}`] : complaints;
    if (complaint !== undefined) throw new UsageError(`--${flagOf(row)} ${row.secret ? '***' : JSON.stringify(text)}: ${complaint}`);
    variables[variable] = formatValue(row, value);
  }
  return variables;
}

export interface ChildEnvironment {
  /** What hotspan itself was started with. */
  readonly env: NodeJS.ProcessEnv;
  /** From `variablesFromFlags`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Absolute path of the directory the processes write to. */
  readonly runDirectory: string;
  /** The file that every Node process loads first. */
  readonly registerPath: string;
}

/** The environment that makes every Node process beneath the command profile itself into `runDirectory`. */
export function buildChildEnv({ env, variables, runDirectory, registerPath }: ChildEnvironment): NodeJS.ProcessEnv {
  return {
    ...env,
    ...variables,
    // Asking for `hotspan run` outweighs a switch that turns profiling off by default.
    HOTSPAN_ENABLED: 'true',
    HOTSPAN_PERIOD: '0',
    HOTSPAN_EXPORT: `file:${runDirectory.replaceAll(',', '\\,')}`,
    HOTSPAN_RUN_DIR: runDirectory,
    NODE_OPTIONS: withRequired(env['NODE_OPTIONS'], registerPath),
  };
}

function flagOf(row: OptionDefinition): string {
  return row.flag ?? row.name;
}

function valueName(row: OptionDefinition): string {
  if (row.kind === 'enum') return (row.choices ?? []).map(({ value }) => value).join('|');
  if (row.kind === 'enum-list') return 'LIST';
  if (row.kind === 'map') return 'K=V,…';
  return row.unit?.toUpperCase() ?? 'TEXT';
}

function rangeOf(row: OptionDefinition): string[] {
  if (row.kind === 'integer' || row.kind === 'number') return [`${row.min} to ${row.max}`];
  return row.kind === 'enum-list' ? [choiceNames(row)] : [];
}

/** A flag that is not given leaves the environment's value, so that is the default. */
function defaultOf(row: OptionDefinition): string {
  const [variable] = row.env;
  return row.default === undefined || row.packageKey !== undefined
    ? `default from ${variable as string}`
    : `default ${row.default}`;
}
