import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from 'pprof-format';
import { mergeProfiles } from '../profile/merge-profiles.ts';
import { readProfile } from '../profile/read-profile.ts';
import { UsageError } from './command.ts';
import { buildChildEnv } from './run-environment.ts';

export interface PerfRun {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly variables: Readonly<Record<string, string>>;
  readonly registerPath: string;
  /** What the user calls this side, for messages. */
  readonly side: string;
  /** Ends the command and makes the run reject. */
  readonly signal: AbortSignal;
}

/** So much of the output of a failed command is shown. */
const shownOutput = 4000;

/**
 * Runs the command once with CPU profiling in it and all its Node processes, and resolves to their merged profile.
 * Its output is shown only when it fails: `UsageError`, as when it leaves no profile.
 */
export async function runPerfCommand(run: PerfRun): Promise<Profile> {
  const runDirectory = await mkdtemp(join(tmpdir(), 'hotspan-ci-run-'));
  try {
    const variables = { HOTSPAN_PROFILES: 'cpu', ...run.variables };
    const env = buildChildEnv({ env: run.env, variables, runDirectory, registerPath: run.registerPath });
    const [file = '', ...args] = run.command;
    const output = await runToEnd(() => spawn(file, args, { cwd: run.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }), `the perf command failed on ${run.side}`, run.signal);
    const profiles: Profile[] = [];
    for (const name of (await readdir(runDirectory)).sort()) {
      if (name.endsWith('.pb.gz')) profiles.push(await readProfile(join(runDirectory, name)));
    }
    if (profiles.length === 0) {
      throw new PerfCommandError(`the perf command left no profile on ${run.side}: is it a Node.js program that ends by itself? See hotspan doctor`, output);
    }
    return mergeProfiles(profiles);
  } finally {
    await rm(runDirectory, { recursive: true, force: true });
  }
}

/** Runs a command line of the user's by the shell, such as an install. Throws `UsageError` when it fails. */
export async function runShell(commandLine: string, cwd: string, env: NodeJS.ProcessEnv, what: string, signal: AbortSignal): Promise<void> {
  await runToEnd(() => spawn(commandLine, { shell: true, cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }), what, signal);
}

/** Resolves to the end of what the command said. */
function runToEnd(start: () => ChildProcess, failure: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = start();
    let output = '';
    const keep = (text: string): void => void (output = (output + text).slice(-shownOutput));
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    const abort = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', abort, { once: true });
    const fail = (how: string): void => reject(signal.aborted ? signal.reason as Error : new PerfCommandError(`${failure}: ${how}`, output.trimEnd()));
    child.on('error', (error: NodeJS.ErrnoException) => fail(error.code === 'ENOENT' ? 'command or directory not found' : error.message));
    child.on('close', (code, endedBy) => {
      signal.removeEventListener('abort', abort);
      if (code === 0 && !signal.aborted) resolve(output.trimEnd());
      else fail(endedBy === null ? `exit code ${code}` : `ended by ${endedBy}`);
    });
  });
}

/** The user's command failed; `output` is the end of what it said. */
export class PerfCommandError extends UsageError {
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}
