// Requests that hold an object each, for argv[2] seconds, with a thousand samples a second: when a request has ended,
// how long until its object is collected? Prints the longest time, and how many were looked at.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLabels } from 'hotspan';

const storage = new AsyncLocalStorage();
const endedAt = new Map();
let collected = 0;
let longestMs = 0;
const registry = new FinalizationRegistry((id) => {
  longestMs = Math.max(longestMs, performance.now() - endedAt.get(id));
  endedAt.delete(id);
  collected++;
});

function burn(ms) {
  let x = 1;
  for (const end = performance.now() + ms; performance.now() < end; ) for (let i = 0; i < 1000; i++) x = (Math.imul(x, 31) + i) | 0;
  return x;
}

let next = 0;
async function request() {
  const id = next++;
  let object = { id, body: new Array(100).fill(id) };
  registry.register(object, id);
  await storage.run(object, () => withLabels({ id }, async () => {
    burn(2);
    await sleep(1);
    burn(1);
  }));
  object = undefined;
  endedAt.set(id, performance.now());
}

const end = performance.now() + 1000 * Number(process.argv[2]);
// Without a collection nothing tells that an object is no longer held.
const collector = setInterval(() => globalThis.gc(), 100);
while (performance.now() < end) await Promise.all([request(), request(), request()]);
await sleep(2500);
clearInterval(collector);
for (const ended of endedAt.values()) longestMs = Math.max(longestMs, performance.now() - ended);
console.log(JSON.stringify({ longestMs, collected, held: endedAt.size }));
