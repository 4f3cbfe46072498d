import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Puts a colour or weight on text, or leaves it as it is where colours are not wanted. */
export type Paint = (format: Format, text: string) => string;

/**
 * Whether text for `stream` may be coloured: `FORCE_COLOR` decides where set (as in Node itself),
 * else `NO_COLOR` forbids it (no-color.org: any non-empty value), else only a terminal gets it.
 */
export function wantsColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR']) return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

export function createPaint(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  if (!wantsColor(stream, env)) return (_format, text) => text;
  // The stream was judged above; styleText would judge process.stdout instead.
  return (format, text) => styleText(format, text, { validateStream: false });
}
