// Lists what a program can see of those that share its process, after some work.
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { writeSync } = require('node:fs');
const vm = require('node:vm');
const { Worker } = require('node:worker_threads');

function shapesOf(name, prototype) {
  return Reflect.ownKeys(prototype).sort((a, b) => (String(a) < String(b) ? -1 : 1)).map((key) => {
    const { value } = Object.getOwnPropertyDescriptor(prototype, key);
    return typeof value === 'function' ? `${name}.${String(key)} ${value.name} ${value.length}` : `${name}.${String(key)} ${typeof value}`;
  });
}

function look() {
  const worker = new Worker('', { eval: true, execArgv: [], env: {} });
  worker.terminate();
  return {
    globals: Object.getOwnPropertyNames(globalThis).sort(),
    globalSymbols: Object.getOwnPropertySymbols(globalThis).map(String),
    canDeclare: vm.runInThisContext('let selfTestInner = 1; selfTestInner'),
    listeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`).sort(),
    processKeys: Reflect.ownKeys(process).map(String).sort(),
    env: Object.keys(process.env).filter((name) => !name.startsWith('HOTSPAN_')).sort(),
    requireCache: Object.keys(require.cache),
    moduleKeys: Object.keys(require('node:module')),
    resources: process.getActiveResourcesInfo(),
    stackTraceLimit: Error.stackTraceLimit,
    storage: shapesOf('AsyncLocalStorage', AsyncLocalStorage.prototype),
    resource: shapesOf('AsyncResource', AsyncResource.prototype),
    promise: shapesOf('Promise', Promise.prototype),
    emitter: shapesOf('EventEmitter', require('node:events').prototype),
    frames: new AsyncLocalStorage().run({}, () => new Error('here').stack).split('\n').map((line) => line.replace(/:\d+:\d+\)?$/, '')),
    scope: new AsyncResource('test').runInAsyncScope(() => new Error('here').stack).split('\n').map((line) => line.replace(/:\d+:\d+\)?$/, '')),
    worker: [Worker.name, Worker.length, worker.constructor === Worker, worker instanceof Worker],
  };
}

const until = process.hrtime.bigint() + 700_000_000n;
(function work() {
  const turn = process.hrtime.bigint() + 20_000_000n;
  while (process.hrtime.bigint() < turn);
  if (process.hrtime.bigint() < until) setTimeout(work, 5);
  else writeSync(1, JSON.stringify(look()));
})();
