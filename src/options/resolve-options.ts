import { inspect } from 'node:util';
import { closestMatch } from './closest-match.ts';
import { type Environment, describeEnvSource, readEnvSource } from './env-source.ts';
import { maskCredentials } from './mask-credentials.ts';
import type { OptionDefinition } from './option-definition.ts';
import { optionTable } from './option-table.ts';
import type { Options, ResolvedOptions } from './option-types.ts';
import type { PackageIdentity } from './package-identity.ts';
import { type Outcome, checkValue, formatValue, parseText } from './parse-value.ts';

export interface OptionSources {
  readonly env: Environment;
  /** What was passed to `start()`; wins over the environment. */
  readonly api?: Options | undefined;
  /** Name and version of the profiled program. Asked at most once, when such an option is read that nothing else sets. */
  readonly packageJson?: (() => PackageIdentity | undefined) | undefined;
}

export interface Resolution {
  readonly options: ResolvedOptions;
  /** One line each, without a prefix: what was not accepted, what would be, what is used instead. */
  readonly problems: readonly string[];
}

const rows: readonly OptionDefinition[] = optionTable;

/** Parsed when this module is loaded, not when profiling starts in an app at work. */
const defaults = new Map(rows.map((row) => [row.name, row.default === undefined ? undefined : parseText(row, row.default).value]));

const prefix = 'HOTSPAN_';

/** Steers the project's own test suite, and is inherited by the programs that the suite profiles. */
const reservedForTests = 'HOTSPAN_TEST_';

/**
 * Settles every option: `start()` first, then the environment, package.json and the default.
 * Never throws: a value that cannot be used is a problem line, and the default takes its place.
 *
 * Under `hotspan run` (which sets HOTSPAN_RUN_DIR) the place and the period are the command's:
 * an app whose own `start()` exports elsewhere must not leave it without a profile.
 */
export function resolveOptions({ env, api, packageJson }: OptionSources): Resolution {
  const given: Readonly<Record<string, unknown>> = { ...api };
  const problems = [...unknownVariables(env), ...unknownKeys(given)];
  const identity = once(() => packageJson?.());
  const resolved: Record<string, unknown> = {};
  for (const row of rows) {
    const settled = settle(row, given[row.name], env, identity);
    problems.push(...settled.problems);
    const fallenBack = settled.value === undefined;
    if (fallenBack && row.packageKey !== undefined) defineLazily(resolved, row.name, () => fallback(row, identity));
    else resolved[row.name] = fallenBack ? fallback(row, identity) : settled.value;
  }
  const { runDirectory } = resolved as ResolvedOptions;
  if (runDirectory !== undefined) Object.assign(resolved, { period: 0, export: [{ kind: 'file', directory: runDirectory }] });
  return { options: resolved as ResolvedOptions, problems };
}

/** An option by its name in the table. */
export function optionNamed(name: keyof ResolvedOptions): OptionDefinition {
  const row = rows.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`no option ${name}`);
  return row;
}

type Identity = () => PackageIdentity | undefined;

interface Settled {
  /** Undefined: nothing usable was given. */
  readonly value: unknown;
  readonly problems: readonly string[];
}

function settle(
  row: OptionDefinition,
  given: unknown,
  env: Environment,
  identity: Identity,
): Settled {
  if (given !== undefined && row.surfaces.includes('api')) {
    return judge(row, `option ${row.name}=${row.secret ? '***' : quote(given)}`, checkValue(row, given), identity);
  }
  for (const source of row.env) {
    const text = readEnvSource(source, env);
    if (text === undefined) continue;
    return judge(row, `${describeEnvSource(source)}=${row.secret ? '***' : quote(text)}`, parseText(row, text), identity);
  }
  return { value: row.infer?.value(env), problems: [] };
}

function judge(row: OptionDefinition, what: string, outcome: Outcome, identity: Identity): Settled {
  if (outcome.complaints.length === 0) return { value: outcome.value, problems: [] };
  const value = outcome.value ?? fallback(row, identity);
  const instead = value === undefined ? 'ignored' : `using ${maskCredentials(formatValue(row, value)) || 'none'}`;
  return { value, problems: outcome.complaints.map((complaint) => `${what}: ${maskCredentials(complaint)}; ${instead}`) };
}

function fallback(row: OptionDefinition, identity: Identity): unknown {
  const fromPackage = row.packageKey === undefined ? undefined : identity()?.[row.packageKey];
  return fromPackage ?? defaults.get(row.name) ?? (row.kind === 'map' ? {} : undefined);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Found when it is first read: looking for package.json would add to the time that a start takes. */
function defineLazily(object: object, name: string, find: () => unknown): void {
  Object.defineProperty(object, name, { enumerable: true, get: once(find) });
}

function unknownVariables(env: Environment): string[] {
  const ours = Object.keys(env).filter((variable) => variable.startsWith(prefix) && !variable.startsWith(reservedForTests));
  if (ours.length === 0) return [];
  const known = rows.flatMap(({ env: [own] }) => (typeof own === 'string' ? [own] : []));
  const documented = rows.flatMap(({ env: [own], internal }) => (typeof own === 'string' && !internal ? [own] : []));
  return ours
    .filter((variable) => !known.includes(variable))
    .map((variable) => `${quoteName(variable)} is not an option (${hint(variable, documented)}); ignored`);
}

function unknownKeys(given: Readonly<Record<string, unknown>>): string[] {
  const known = rows.filter(({ surfaces }) => surfaces.includes('api')).map(({ name }) => name);
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => `option ${quoteName(key)} is not known (${hint(key, known)}); ignored`);
}

function hint(name: string, candidates: readonly string[]): string {
  // Compared without the prefix that all variables share, which would make them all look alike.
  const bare = (each: string): string => (each.startsWith(prefix) ? each.slice(prefix.length) : each);
  const guess = closestMatch(bare(name), candidates.map(bare));
  const meant = candidates.find((candidate) => bare(candidate) === guess);
  return meant === undefined ? 'see docs/options.md' : `did you mean ${meant}?`;
}

/** Keeps a message on one line and short whatever the user gave. */
function quote(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A cycle or a BigInt: JSON has no form for it.
  }
  text ??= inspect(value, { depth: 0 }).replaceAll(/\s+/g, ' ');
  // Before it is cut: what is left of a password must not lose the sign that it is one.
  text = maskCredentials(text);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** A name is shown bare unless it has characters that could break the line. */
function quoteName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : quote(name);
}
