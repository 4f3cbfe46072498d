import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { ownWorkerName } from './source-maps/own-worker-name.ts';

/**
 * A worker thread of our own. Nothing the program preloads runs in it: not its `--import`, not its NODE_OPTIONS, not
 * ourselves. No `resourceLimits` either: on Node 22 a worker that reaches its heap limit ends the whole process.
 * The caller unrefs it.
 *
 * @param entry the module's URL without an ending, which is that of `from`
 * @param from `import.meta.url` of the caller
 */
export function startBackgroundThread(
  entry: string,
  from: string,
  options: Pick<WorkerOptions, 'workerData' | 'transferList'>,
): Worker {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Worker(entryUrl(entry, from), { ...options, name: ownWorkerName, execArgv: [], env });
}

/** In two words: a bundler that finds us in an app would look for it, and fail. */
const sourceLoader = ['tsx', 'package.json'];

function entryUrl(entry: string, from: string): URL {
  if (!from.endsWith('.ts')) return new URL(`${entry}.cjs`, from);
  // Run from source, as the tests do: tsx named in execArgv does not reach a worker's entry on Node 20, hence by code.
  const tsxPackage = pathToFileURL(createRequire(from).resolve(sourceLoader.join('/')));
  const tsx = new URL('./dist/esm/api/index.mjs', tsxPackage).href;
  const code = `import { register } from '${tsx}'; register(); await import('${new URL(`${entry}.ts`, from).href}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
