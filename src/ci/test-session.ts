import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { renderTop } from '../analyze/render-top.ts';
import { topTable } from '../analyze/top.ts';
import { collectProfiles } from '../delivery/collect-profiles.ts';
import { makeDirectorySync } from '../delivery/make-directory.ts';
import { finishBeforeSignals, flush, start, stats, stop, stopSync } from '../profiler/running.ts';
import { testLabel } from './label-test.ts';

/** Tells the runner's other processes where the profiles of this run go. */
const sessionVariable = 'HOTSPAN_TEST_SESSION';
const output = './profiles';
const rows = 10;

/** Profiling of one run of tests, from the first to the last. */
export interface TestSession {
  /** Writes the profiles and, on stderr, a summary: in the process that began, once. Never rejects. */
  close(): Promise<void>;
}

const notOurs: TestSession = { close: () => Promise.resolve() };

/**
 * Starts profiling this process, unless something else did: under `hotspan run` and `hotspan/register` only the labels
 * are ours. Never throws: tests run without a profile rather than not at all.
 *
 * `alone` false: one of several processes that nobody began, so nobody can end their session either.
 */
export function openTestSession({ alone = true } = {}): TestSession {
  // A worker thread is profiled by its process.
  if (!isMainThread || stats().running || process.env['HOTSPAN_ENABLED'] === 'false') return notOurs;
  try {
    const joined = alone ? process.env[sessionVariable] : resolve(output);
    const incoming = joined ?? makeIncoming();
    if (alone) process.env[sessionVariable] = incoming;
    start({ period: 0, export: `file:${incoming.replaceAll(',', '\\,')}` });
    // Runners end their processes as they like: by themselves, by process.exit() or by a signal.
    process.once('exit', finish);
    finishBeforeSignals(finish);
    return joined === undefined ? ownSession(incoming) : notOurs;
  } catch (error) {
    say(`the tests run without a profile: ${messageOf(error)}`);
    return notOurs;
  }
}

/** Writes what was sampled in this process so far; the rest becomes another file. Never rejects. */
export async function keepProfile(): Promise<void> {
  try {
    if (isMainThread) await flush();
  } catch (error) {
    say(`a part of the profile may be lost: ${messageOf(error)}`);
  }
}

function makeIncoming(): string {
  makeDirectorySync(resolve(output));
  return mkdtempSync(join(resolve(output), '.tests-'));
}

function finish(): void {
  try {
    // Files only: nothing is uploaded, so there is nothing to wait for.
    stopSync(0);
  } catch (error) {
    say(`the last profile is lost: ${messageOf(error)}`);
  }
}

function ownSession(incoming: string): TestSession {
  let closing: Promise<void> | undefined;
  return { close: () => (closing ??= closeSession(incoming)) };
}

async function closeSession(incoming: string): Promise<void> {
  try {
    await stop();
    const { collected, skipped } = await collectProfiles({ incoming, output: resolve(output) });
    for (const what of skipped) say(`skipped a profile: ${what}`);
    for (const { merged, mergedPath } of collected) {
      const tables = [topTable(merged, { limit: rows }), topTable(merged, { by: `label:${testLabel}`, limit: rows })];
      process.stderr.write(`\n${tables.map((table) => renderTop(table)).join('\n')}\nprofile: ${relative(process.cwd(), mergedPath)}\n`);
    }
    await rm(incoming, { recursive: true, force: true });
  } catch (error) {
    say(`could not finish the profile: ${messageOf(error)}`);
  }
}

function say(text: string): void {
  process.stderr.write(`hotspan: ${text}\n`);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}
