/**
 * `node --require hotspan/register app.js`: profiles the process from its first line to its end, as the environment
 * says. Never throws, never keeps the process alive, never changes how it ends.
 *
 * Node runs it in the main thread, in every worker and in the thread of module hooks. A worker loads what adds it to the
 * threads that the main thread has sampled, and nothing else: it is to start as fast as without hotspan. In the thread
 * of module hooks there is no app.
 *
 * All is in one `try`, loading included: a file that cannot be read must not cost the app its start.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread, parentPort } from 'node:worker_threads';

import { hideModules } from './profiler/hide-modules.ts';
import { missingOwnFiles } from './profiler/own-files.ts';

try {
  if (isMainThread || parentPort !== null) {
    createRequire(import.meta.url)(`./profiler/${isMainThread ? 'register-main' : 'attach-worker'}.${import.meta.url.endsWith('.ts') ? 'ts' : 'cjs'}`);
    hideModules();
  }
} catch (error) {
  // For the process once, not for each worker.
  if (isMainThread) complain(error);
}

function complain(error: unknown): void {
  try {
    const why = missingOwnFiles() ?? String(error instanceof Error ? error.message : error).split('\n')[0];
    writeSync(2, `hotspan: cannot profile this process: ${why}; the app runs without. Try: npx hotspan doctor\n`);
  } catch {
    // stderr is closed or full: there is no other place to complain.
  }
}
