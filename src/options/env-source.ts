import type { EnvSource } from './option-definition.ts';
import { splitList } from './parse-value.ts';

/** The environment as hotspan reads it; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The text a source gives; undefined when it is unset or empty, which mean the same. */
export function readEnvSource(source: EnvSource, env: Environment): string | undefined {
  if (typeof source === 'string') return nonEmpty(env[source]);
  const pairs = env[source.variable];
  for (const pair of pairs === undefined ? [] : splitList(pairs)) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === source.key) return nonEmpty(decode(pair.slice(equals + 1)));
  }
  return undefined;
}

/** All pairs of a variable that holds `key=value` pairs with percent-encoded values. */
export function readPairs(variable: string, env: Environment): Record<string, string> {
  const pairs = splitList(env[variable] ?? '').flatMap((pair): [string, string][] => {
    const equals = pair.indexOf('=');
    return equals > 0 ? [[decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]] : [];
  });
  return Object.fromEntries(pairs);
}

/** What the user states about the process beyond the options, by OpenTelemetry's and Datadog's variables. */
export function statedAttributes(env: Environment): Record<string, string> {
  // `key:value`, separated by commas or, when there is none, by spaces: as Datadog's tracers read it.
  const tags = env['DD_TAGS'] ?? '';
  const datadog = tags.split(tags.includes(',') ? ',' : ' ').flatMap((tag): [string, string][] => {
    const colon = tag.indexOf(':');
    return colon > 0 ? [[tag.slice(0, colon).trim(), tag.slice(colon + 1).trim()]] : [];
  });
  return { ...Object.fromEntries(datadog), ...readPairs('OTEL_RESOURCE_ATTRIBUTES', env) };
}

/** How a source is named in messages and documentation. */
export function describeEnvSource(source: EnvSource): string {
  return typeof source === 'string' ? source : `${source.variable} (${source.key})`;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

/** Values are percent-encoded; one that is not decodable is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}
