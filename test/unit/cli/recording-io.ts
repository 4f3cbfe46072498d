import type { CommandIo } from '../../../src/cli/command.ts';

export interface RecordingIo extends CommandIo {
  readonly out: () => string;
  readonly err: () => string;
}

/** A `CommandIo` that is no terminal and keeps what was written. */
export function recordingIo(env: NodeJS.ProcessEnv = {}, columns?: number): RecordingIo {
  const written = { out: '', err: '' };
  return {
    stdout: { write: (text) => (written.out += text), ...(columns === undefined ? {} : { columns }) },
    stderr: { write: (text) => (written.err += text) },
    env,
    cwd: process.cwd(),
    out: () => written.out,
    err: () => written.err,
  };
}
