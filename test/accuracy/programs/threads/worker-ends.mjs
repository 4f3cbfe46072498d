// Starts one worker of each kind, one after the other, and prints what each had measured of itself when it ended.
import { SHARE_ENV, Worker } from 'node:worker_threads';

const entry = new URL('./worker-ending.mjs', import.meta.url);
// An eval'd worker has no file, so it imports the same code: its own first line is then that import.
const evalCode = `import(${JSON.stringify(entry.href)});`;

const kinds = {
  return: {},
  exit: {},
  throw: {},
  terminate: {},
  'commonjs-exit': { file: new URL('./worker-ending.cjs', import.meta.url) },
  'eval-return': { code: evalCode },
  'own-options-return': { options: { execArgv: [], env: {} } },
  'shared-env-return': { options: { env: SHARE_ENV, argv: ['x'], stdout: true } },
};

async function run(kind, { file = entry, code, options }) {
  // Survives whatever ends the worker: cpu at its first line, cpu now, cpu of the two burning functions, stage.
  const memory = new Float64Array(new SharedArrayBuffer(8 * 5));
  const how = kind.split('-').at(-1);
  const worker = new Worker(code ?? file, { ...options, eval: code !== undefined, workerData: { how, memory } });
  const { threadId } = worker;
  let error;
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  worker.on('error', (reason) => (error = reason.message));
  if (how === 'terminate') {
    while (memory[4] < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    worker.terminate();
  }
  const exitCode = await exited;
  const [atEntryNs, latestNs, topLevelNs, laterNs] = memory;
  return { kind, threadId, sinceEntryNs: latestNs - atEntryNs, wholeNs: latestNs, topLevelNs, laterNs, code: exitCode, error };
}

const truths = [];
for (const [kind, how] of Object.entries(kinds)) truths.push(await run(kind, how));
console.log(JSON.stringify(truths));
