// Two lines that allocate, the second three times as much, called from two lines, the second twice as often. Between the
// phases V8 moves and drops what it can.
import { start, stop } from 'hotspan';

const block = Array.from({ length: 20 }, (_, i) => i);
const sink = [];
let n = 0;

function allocate() {
  sink[n++ & 7] = block.slice(); // once
  for (let k = 0; k < 3; k++) sink[n++ & 7] = block.slice(); // thrice
}

function callBoth() {
  for (let i = 0; i < 3000; i++) {
    allocate(); // by one
    for (let k = 0; k < 2; k++) allocate(); // by two
  }
}

start({ profiles: ['heap'], heapInterval: 16 * 1024, period: 0 });
for (let phase = 0; phase < 10; phase++) {
  callBoth();
  globalThis.gc();
}
await stop();
