// A function as AWS Lambda runs it: for each line of stdin an invocation, which ends with flush(); then it waits, and may
// be frozen. Says `done` after each.
import { createInterface } from 'node:readline';
import { flush } from 'hotspan';

function invocation() {
  let x = 1;
  for (const end = performance.now() + 200; performance.now() < end; ) for (let i = 0; i < 5000; i++) x = (Math.imul(x, 31) + i) | 0;
  return x;
}

console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  invocation();
  await flush();
  console.log('done');
}
