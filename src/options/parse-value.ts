import { type ExportTarget, exportForms, parseExportTarget } from './export-target.ts';
import { type ListenAddress, formatListenAddress, parseListenAddress } from './listen-address.ts';
import type { OptionDefinition } from './option-definition.ts';

/**
 * What became of a value: `value` is what can be used of it (undefined when nothing can), each
 * complaint a clause about what cannot, to stand behind "`<what was given>`: ".
 */
export interface Outcome {
  readonly value?: unknown;
  readonly complaints: readonly string[];
}

const used = (value: unknown): Outcome => ({ value, complaints: [] });
const refused = (complaint: string): Outcome => ({ complaints: [complaint] });

const truth = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/** Parses the text of an environment variable or a flag. */
export function parseText(option: OptionDefinition, text: string): Outcome {
  const trimmed = text.trim();
  switch (option.kind) {
    case 'boolean': {
      const value = truth.get(trimmed.toLowerCase());
      return value === undefined ? refused(`expected ${acceptedValues(option)}`) : used(value);
    }
    case 'integer':
    case 'number':
      return checkNumber(option, trimmed === '' ? NaN : Number(trimmed));
    case 'string':
      return used(trimmed);
    case 'enum':
      return checkChoice(option, trimmed);
    case 'enum-list':
      return checkList(splitList(text), (entry) => checkChoice(option, entry));
    case 'map':
      return checkMap(splitList(text));
    case 'export-list':
      return checkList(splitList(text), checkTarget);
    case 'address':
      return checkAddress(option, trimmed);
  }
}

/** Checks a value from `start({ … })`, which JavaScript callers may get wrong in any way. */
export function checkValue(option: OptionDefinition, value: unknown): Outcome {
  const wrong = refused(`expected ${acceptedValues(option)}`);
  switch (option.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? used(value) : wrong;
    case 'integer':
    case 'number':
      return typeof value === 'number' ? checkNumber(option, value) : wrong;
    case 'string':
      return typeof value === 'string' ? used(value) : wrong;
    case 'enum':
      return typeof value === 'string' ? checkChoice(option, value) : wrong;
    case 'enum-list':
      return isStringList(value) ? checkList(value, (entry) => checkChoice(option, entry)) : wrong;
    case 'map':
      return isStringMap(value) ? used({ ...value }) : wrong;
    case 'export-list':
      if (typeof value === 'string') return parseText(option, value);
      return isStringList(value) ? checkList(value, checkTarget) : wrong;
    case 'address':
      return typeof value === 'string' || typeof value === 'number' ? checkAddress(option, String(value)) : wrong;
  }
}

/** What an option accepts, to complete "expected …". */
export function acceptedValues(option: OptionDefinition): string {
  switch (option.kind) {
    case 'boolean':
      return 'true or false';
    case 'integer':
    case 'number': {
      const noun = option.kind === 'integer' ? 'an integer' : 'a number';
      return `${noun} from ${option.min} to ${option.max}${option.unit === undefined ? '' : ` (${option.unit})`}`;
    }
    case 'string':
      return 'text';
    case 'enum':
      return `one of ${choiceNames(option)}`;
    case 'enum-list':
      return `a list of ${choiceNames(option)}`;
    case 'map':
      return 'key=value pairs separated by commas';
    case 'export-list':
      return `a list of ${exportForms.map(({ form }) => form).join(', ')}`;
    case 'address':
      return 'HOST:PORT, or a port of 127.0.0.1';
  }
}

function checkAddress(option: OptionDefinition, text: string): Outcome {
  const address = parseListenAddress(text);
  return address === undefined ? refused(`expected ${acceptedValues(option)}`) : used(address);
}

/** The inverse of `parseText`, for messages: how the value would be written in a variable. */
export function formatValue(option: OptionDefinition, value: unknown): string {
  if (option.kind === 'map') {
    return Object.entries(value as Record<string, string>).map(([key, text]) => `${key}=${escapeComma(text)}`).join(',');
  }
  if (option.kind === 'export-list') return (value as readonly ExportTarget[]).map(formatTarget).join(',');
  if (option.kind === 'address') return formatListenAddress(value as ListenAddress);
  if (option.kind === 'enum-list') return (value as readonly string[]).join(',');
  return String(value);
}

function formatTarget(target: ExportTarget): string {
  const detail = target.kind === 'file' ? target.directory : target.url;
  return escapeComma(detail === undefined ? target.kind : `${target.kind}:${detail}`);
}

/** Splits at commas; `\,` stands for a comma inside an entry. Empty entries do not count. */
export function splitList(text: string): string[] {
  // Compiling the pattern costs more than all else here.
  const entries = text.includes('\\,') ? text.split(/(?<!\\),/) : text.split(',');
  return entries
    .map((entry) => entry.replaceAll('\\,', ',').trim())
    .filter((entry) => entry !== '');
}

function escapeComma(text: string): string {
  return text.replaceAll(',', '\\,');
}

function checkNumber(option: OptionDefinition, value: number): Outcome {
  const { min = -Infinity, max = Infinity } = option;
  const fits = Number.isFinite(value) && value >= min && value <= max;
  const whole = option.kind === 'number' || Number.isInteger(value);
  return fits && whole ? used(value) : refused(`expected ${acceptedValues(option)}`);
}

function checkChoice(option: OptionDefinition, text: string): Outcome {
  const choice = option.choices?.find(({ value }) => value === text.trim().toLowerCase());
  return choice === undefined ? refused(`expected ${acceptedValues(option)}`) : used(choice.value);
}

function checkTarget(entry: string): Outcome {
  const parsed = parseExportTarget(entry);
  return 'target' in parsed ? used(parsed.target) : refused(parsed.complaint);
}

/** Keeps the entries that can be used and complains once about each other one. */
function checkList(entries: readonly string[], check: (entry: string) => Outcome): Outcome {
  const outcomes = entries.map(check);
  const values = outcomes.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const complaints = [...new Set(outcomes.flatMap((outcome) => outcome.complaints))];
  if (entries.length === 0) complaints.push('expected at least one entry');
  return values.length === 0 ? { complaints } : { value: distinct(values), complaints };
}

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function checkMap(entries: readonly string[]): Outcome {
  const pairs: [string, string][] = [];
  const complaints: string[] = [];
  for (const entry of entries) {
    const equals = entry.indexOf('=');
    const key = entry.slice(0, Math.max(0, equals)).trim();
    if (key === '') complaints.push(`expected key=value pairs separated by commas, got ${JSON.stringify(entry)}`);
    else pairs.push([key, entry.slice(equals + 1).trim()]);
  }
  return { value: Object.fromEntries(pairs), complaints };
}

/** The values an option accepts, separated by commas. */
export function choiceNames(option: OptionDefinition): string {
  return (option.choices ?? []).map(({ value }) => value).join(', ');
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function isStringMap(value: unknown): value is Readonly<Record<string, string>> {
  // By its tag, not its type: a Map or a Date would pass as an object without entries.
  if (Object.prototype.toString.call(value) !== '[object Object]') return false;
  return Object.values(value as object).every((entry) => typeof entry === 'string');
}
