import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Worker, WorkerOptions } from 'node:worker_threads';

import { ownWorkerName } from '../profile/source-maps/own-worker-name.ts';

/** Loaded by --require: what --import loads does not reach workers that are made from a string. */
const entry = fileURLToPath(new URL(`../register.${import.meta.url.endsWith('.ts') ? 'ts' : 'cjs'}`, import.meta.url));
/** How flags name hotspan: the package, this file and its face for --import, as a path (quoted as NODE_OPTIONS has it) or a URL. */
const spellings = [entry, entry.replace(/\.cjs$/, '.js')].flatMap((file) => [file, file.replaceAll(/[\\"]/g, '\\$&'), pathToFileURL(file).href]);
const names = ['hotspan/register', ...spellings];

/** Spelled as nobody else does, so that a worker knows what it was given by hotspan. */
const workerFlag = `--require=${dirname(entry)}/./${basename(entry)}`;

let done = false;

/**
 * Makes workers load `hotspan/register` that would not by themselves: those with `execArgv` or an `env` of their own, and
 * those made from a string, unless `--require` has reached them. Others inherit it from the command line or NODE_OPTIONS
 * and are left alone.
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
  // `worker.constructor` is the class that the app knows.
  Object.defineProperty(threads.Worker.prototype, 'constructor', { value: threads.Worker, writable: true, configurable: true, enumerable: false });
  syncBuiltinESMExports();
}

/** The options with which the worker loads us; undefined when it does with those it has, or is our own. */
function optionsThatReach(options: WorkerOptions | undefined): WorkerOptions | undefined {
  if (typeof options !== 'object' || options === null || options.name === ownWorkerName) return undefined;
  const { eval: fromString, execArgv, env } = options;
  if (fromString !== true && execArgv === undefined && env === undefined) return undefined;
  const flags = Array.isArray(execArgv) ? execArgv : process.execArgv;
  const nodeOptions = (typeof env === 'object' && env !== null ? env : process.env)['NODE_OPTIONS'];
  const given = `${flags.join(' ')} ${nodeOptions ?? ''}`;
  const reached = fromString === true ? names.some((name) => isRequired(given, name)) : names.some((name) => given.includes(name));
  if (reached) return undefined;
  return { ...options, execArgv: [...flags, workerFlag] };
}

/** In a worker: `process.execArgv` is as the app gave it. */
export function hideWorkerFlag(): void {
  process.execArgv = process.execArgv.filter((flag) => flag !== workerFlag);
}

function isRequired(flags: string, name: string): boolean {
  return ['--require ', '--require=', '-r '].some((flag) => flags.includes(`${flag}${name}`) || flags.includes(`${flag}"${name}`));
}
