// Each function keeps one kind of thing, much of it; the truth is what memory in use grew by while it ran, after a
// collection each time. Then everything is released, and all is done again, argv[2] times. Prints as JSON, of each
// round, the truth, the profile before the release and the one after; and what was allocated in all.
import { getHeapStatistics } from 'node:v8';
import { capture, start, stats, stop } from 'hotspan';

const MiB = 1024 * 1024;
const kept = {};

const objectCount = 1_400_000;
function keepObjects() {
  let head = null;
  for (let i = 0; i < objectCount; i++) head = { a: i, b: i, c: i, d: i, next: head };
  kept.objects = head;
}
function keepStrings() {
  const list = (kept.strings = []);
  for (let i = 0; i < 60_000; i++) list.push(Buffer.alloc(1400, i).toString('latin1'));
}
function keepArrays() {
  const list = (kept.arrays = []);
  for (let i = 0; i < 10_000; i++) list.push(new Array(1024).fill(i));
}
function keepClosures() {
  const list = (kept.closures = []);
  for (let i = 0; i < 800_000; i++) list.push(() => i);
}
function keepMap() {
  const map = (kept.map = new Map());
  for (let i = 0; i < 900_000; i++) map.set(`key ${i}`, { i });
}
function keepBuffers() {
  const list = (kept.buffers = []);
  for (let i = 0; i < 8000; i++) list.push(Buffer.alloc(10_000, 1));
  for (let i = 0; i < 20; i++) list.push(new Float64Array(MiB / 8));
}
const churned = 5_600_000;
/** Keeps nothing: what it allocates is in alloc_space alone. */
function churn() {
  let last;
  for (let i = 0; i < churned; i++) last = { a: i, b: i, c: i, d: i, next: null };
  return last;
}
/** The same for as long as it takes to be sampled at longer intervals. */
function churnOn(objects) {
  let last;
  for (let i = 0; i < objects; i++) last = { a: i, b: i, c: i, d: i, next: null };
  return last;
}

function bytesInUse() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Five fields and three words of V8's own. */
const objectBytes = 8 * 8;
const allocated = { keepObjects: 0, churn: 0, churnOn: 0 };

/**
 * Calls it and adds what it allocated. By V8's own count where it keeps one (Node 26): unoptimized code puts an
 * allocation memento of 16 bytes behind such an object, which goes with the next collection.
 */
function countAllocated(allocate, objects) {
  const before = getHeapStatistics().total_allocated_bytes;
  allocate(objects);
  allocated[allocate.name] += before === undefined ? objects * objectBytes : getHeapStatistics().total_allocated_bytes - before;
}

start({ profiles: ['heap'], heapInterval: 64 * 1024, period: 0 });
const rounds = [];
while (rounds.length < Number(process.argv[2])) {
  const truth = {};
  for (const keep of [keepObjects, keepStrings, keepArrays, keepClosures, keepMap, keepBuffers]) {
    const before = bytesInUse();
    if (keep === keepObjects) countAllocated(keep, objectCount);
    else keep();
    truth[keep.name] = bytesInUse() - before;
  }
  countAllocated(churn, churned);
  const during = await takeHeap();
  const held = stats().bytesHeld;
  for (const kind of Object.keys(kept)) delete kept[kind];
  bytesInUse();
  rounds.push({ truth, during, held, released: await takeHeap() });
}
for (const until = performance.now() + 500; performance.now() < until; ) countAllocated(churnOn, 1_000_000);
await stop();
console.log(JSON.stringify({ rounds, allocated, heldAfter: stats().bytesHeld }));

async function takeHeap() {
  const { heap } = await capture({ seconds: 0.01, profiles: ['heap'] });
  return Buffer.from(heap).toString('base64');
}
