// Makes a worker in every way; each works for a while in a function of its own, and prints how it ended.
if (process.env.LOAD_FIRST) require(process.env.LOAD_FIRST);
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { Worker, SHARE_ENV } = require('node:worker_threads');

const { NODE_OPTIONS, ...env } = process.env;
const entries = {
  File: [join(__dirname, 'worker.cjs')],
  Module: [pathToFileURL(join(__dirname, 'worker.mjs'))],
  String: [require('node:fs').readFileSync(join(__dirname, 'worker.cjs'), 'utf8'), { eval: true }],
};
const options = { Plain: {}, Flags: { execArgv: ['--no-warnings'] }, Env: { env }, Both: { execArgv: [], env }, Shared: { env: SHARE_ENV } };

(async () => {
  for (const [entry, [source, how = {}]] of Object.entries(entries)) {
    for (const [option, given] of Object.entries(options)) {
      const name = `${entry}${option}`;
      await new Promise((resolve) => {
        const worker = new Worker(source, { ...how, ...given, workerData: { name, flags: process.execArgv } });
        worker.on('message', (message) => console.log(name, message));
        worker.on('error', (error) => console.log(name, error.code ?? error.message));
        worker.on('exit', (code) => resolve(console.log(name, code)));
      });
    }
  }
})();
