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
