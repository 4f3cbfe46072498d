/**
 * `node --import hotspan/register app.js`: profiles the process from its first line to its end, as the
 * environment says. Never throws, never keeps the process alive, never changes how it ends.
 *
 * Runs in every worker too, where it only adds the thread to those that the main thread has sampled: what that needs
 * is loaded alone, for a worker is to start as fast as without us.
 */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
// Not import(): a module that waits cannot be loaded by --require.
createRequire(import.meta.url)(`./profiler/${isMainThread ? 'register-main' : 'attach-worker'}.${extension}`);
