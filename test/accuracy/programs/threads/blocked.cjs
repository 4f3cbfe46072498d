// Blocks a JavaScript thread in synchronous calls and prints how long each took. The main thread starts a worker.
'use strict';
const { execSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const { isMainThread, parentPort, threadId, Worker } = require('node:worker_threads');

const waitMs = 600;

function readSlowly(pipe) {
  const fd = fs.openSync(pipe, 'r+'); // r+ does not wait for the other end
  fs.readSync(fd, Buffer.alloc(1)); // @wait readSlowly
  fs.closeSync(fd);
}

function waitForCommand() {
  execSync(`sleep ${waitMs / 1000}`); // @wait waitForCommand
}

function waitForNobody() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs); // @wait waitForNobody
}

function timed(waits) {
  return Object.fromEntries(
    waits.map(([name, fn]) => {
      const startMs = performance.now();
      fn();
      return [name, performance.now() - startMs];
    }),
  );
}

if (isMainThread) {
  const pipe = process.argv[2];
  spawn('sh', ['-c', `sleep ${waitMs / 1000}; echo x > ${pipe}`], { stdio: 'ignore' });
  const main = timed([
    ['readSlowly', () => readSlowly(pipe)],
    ['waitForCommand', waitForCommand],
    ['waitForNobody', waitForNobody],
  ]);
  const worker = new Worker(__filename);
  worker.once('message', (message) => console.log(JSON.stringify({ main, [`worker-${message.threadId}`]: message.times })));
} else {
  const times = timed([['waitForNobody', waitForNobody]]);
  parentPort.postMessage({ threadId, times });
}
