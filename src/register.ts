/**
 * `node --import hotspan/register app.js`: profiles the process from its first line to its end, as the
 * environment says. Never throws, never keeps the process alive, never changes how it ends.
 *
 * Runs in every worker too, where it only adds the thread to those that the main thread has sampled: what that needs
 * is loaded alone, for a worker is to start as fast as without us, and by import statements: a worker may be terminated
 * meanwhile, and if that cuts a require() of an ES module short, or an import that is waited for, Node or V8 end the
 * process ("v8::Module::IsGraphAsync must be used on an instantiated module", seen on Node 22).
 */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

import './profiler/attach-worker.ts';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
// Not import(): a module that waits cannot be loaded by --require.
if (isMainThread) createRequire(import.meta.url)(`./profiler/register-main.${extension}`);
