import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** How the command ended, or why it never began (`failure`, one clause for the user). */
export type ChildEnd =
  | { readonly code: number }
  | { readonly signal: NodeJS.Signals }
  | { readonly failure: string };

/** Signals that people and supervisors send to steer a program; we hand them on instead of dying of them. */
const steering = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Two equal signals that come within this time are one: `timeout` signals its child and then its group, service managers
 * and `tree-kill` signal every process.
 */
const twinMs = 500;

/** Whether a signal is the twin of one before it. */
function twins(): (signal: NodeJS.Signals) => boolean {
  const lastMs = new Map<NodeJS.Signals, number>();
  return (signal) => {
    const nowMs = performance.now();
    const isTwin = nowMs - (lastMs.get(signal) ?? -Infinity) < twinMs;
    if (!isTwin) lastMs.set(signal, nowMs);
    return isTwin;
  };
}

/**
 * Runs the command with our own stdin, stdout and stderr, and no shell. While it runs we survive
 * every steering signal, so that its profile can be collected afterwards.
 */
export function runChild(command: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildEnd> {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    const isTwin = twins();
    const stop = listen(steering, (signal) => {
      if (!terminalSentIt(signal) && !isTwin(signal)) child?.kill(signal);
    });
    const end = (how: ChildEnd): void => {
      stop();
      resolve(how);
    };
    const child = spawnOrFail();
    child?.on('error', (error) => {
      // Also emitted when a signal cannot be handed on (a setuid program); that ends nothing.
      if (child.pid === undefined) end({ failure: spawnFailure(file, error) });
    });
    child?.once('exit', (code, signal) => end(signal === null ? { code: code ?? 1 } : { signal }));

    function spawnOrFail(): ReturnType<typeof spawn> | undefined {
      try {
        return spawn(file, args, { stdio: 'inherit', env });
      } catch (error) {
        end({ failure: spawnFailure(file, error as NodeJS.ErrnoException) });
        return undefined;
      }
    }
  });
}

/**
 * Runs our own work after the command. A first steering signal may be a late twin of the one that
 * ended the command, and must not cost the profiles: it only calls `onFirst`. A second one ends us,
 * unless it is the twin of the first.
 */
export async function guardWork<T>(work: () => Promise<T>, onFirst: () => void): Promise<T> {
  let count = 0;
  const isTwin = twins();
  const stop = listen(steering, (signal) => {
    if (isTwin(signal)) return;
    count += 1;
    if (count === 1) onFirst();
    else void dieBy(signal);
  });
  try {
    return await work();
  } finally {
    stop();
  }
}

/** The exit code that a shell reports for a death by `signal`. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + (constants.signals[signal] ?? 0);
}

/**
 * Dies of the signal the command died of, so that our parent sees the same. Resolves to the exit
 * code to use where the signal does not end us, as SIGPIPE, which Node ignores.
 */
export async function dieBy(signal: NodeJS.Signals): Promise<number> {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  await sleep(100);
  return exitCodeOf(signal);
}

/** Whether our process group is the one that the controlling terminal sends its key signals to. */
export function inForeground(): boolean {
  try {
    // proc(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid.
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const [, , pgrp, , , tpgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return pgrp === tpgid;
  } catch {
    return Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  }
}

/**
 * Ctrl-C and Ctrl-\ go to the whole foreground group, so the command has them already, and a
 * second copy would read as a second key press (many programs then give up their orderly stop).
 * Who sent a signal cannot be asked in Node; so in the foreground of a terminal these two are
 * taken as keys, and everything else as sent to us alone.
 */
function terminalSentIt(signal: NodeJS.Signals): boolean {
  return (signal === 'SIGINT' || signal === 'SIGQUIT') && inForeground();
}

function listen(signals: readonly NodeJS.Signals[], handler: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of signals) process.on(signal, handler);
  return () => {
    for (const signal of signals) process.off(signal, handler);
  };
}

function spawnFailure(file: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `command not found: ${file}`;
  if (error.code === 'EACCES') return `cannot run ${file}: permission denied`;
  return `cannot run ${file}: ${error.message}`;
}
