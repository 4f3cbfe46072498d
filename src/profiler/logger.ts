import { writeSync } from 'node:fs';

import { maskCredentials } from '../options/mask-credentials.ts';

const levels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof levels)[number];

/** Writes one line on stderr for each message, at once: the process may be about to end. */
export type Logger = Readonly<Record<LogLevel, (message: string) => void>>;

export function createLogger(level: LogLevel): Logger {
  const at = (own: LogLevel) => (message: string) => {
    if (levels.indexOf(own) > levels.indexOf(level)) return;
    try {
      writeSync(2, `hotspan: ${maskCredentials(message.replaceAll('\n', ' '))}\n`);
    } catch {
      // stderr is closed or full: a profiler has no other place to complain.
    }
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
