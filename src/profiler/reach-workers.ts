import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Worker, WorkerOptions } from 'node:worker_threads';

import { ownWorkerName } from '../profile/source-maps/own-worker-name.ts';

/** May be loaded by --require: what --import loads does not reach workers that are made from a string. */
const entryUrl = new URL(`../register.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
const entry = fileURLToPath(entryUrl);
/** How flags name us. */
const spellings = ['hotspan/register', entry, entryUrl.href];

let done = false;

/**
 * Makes workers load `hotspan/register` that would not by themselves: those made from a string, with `execArgv`, or
 * with an `env` of their own. Others inherit it from the command line or NODE_OPTIONS and are left alone.
 */
export function reachWorkers(): void {
  if (done) return;
  done = true;
  const threads = process.getBuiltinModule('node:worker_threads') as { Worker: typeof Worker };
  threads.Worker = new Proxy(threads.Worker, {
    construct(target, args: [string | URL, WorkerOptions?], newTarget: typeof Worker): Worker {
      const construct = (options: WorkerOptions | undefined): Worker =>
        Reflect.construct<[string | URL, WorkerOptions?], Worker>(target, options === undefined ? args : [args[0], options], newTarget);
      const reaching = optionsThatReach(args[1]);
      if (reaching === undefined) return construct(undefined);
      try {
        return construct(reaching);
      } catch {
        // Flags of the process that a worker does not take; whatever else is wrong is so without us, too.
        return construct(undefined);
      }
    },
  });
  syncBuiltinESMExports();
}

/** The options with which the worker loads us; undefined when it does with those it has, or is our own. */
function optionsThatReach(options: WorkerOptions | undefined): WorkerOptions | undefined {
  if (typeof options !== 'object' || options === null || options.name === ownWorkerName) return undefined;
  const { eval: fromString, execArgv, env } = options;
  if (fromString !== true && execArgv === undefined && env === undefined) return undefined;
  const flags = Array.isArray(execArgv) ? execArgv : process.execArgv;
  const nodeOptions = (typeof env === 'object' && env !== null ? env : process.env)['NODE_OPTIONS'];
  const reached = [...flags, nodeOptions ?? ''].some((flag) => spellings.some((spelling) => flag.includes(spelling)));
  if (reached && fromString !== true) return undefined;
  return { ...options, execArgv: [...flags, '--require', entry] };
}
