// Time spent in V8's builtins, which belongs to the JavaScript line that called them, and in comparators they call.
import { burn, report } from './burn.cjs';

// A comparison costs some 4 us, sort's own work for it some 40 ns: nearly all of a sorting call is the comparator's.
function compareRecords(a, b) {
  let x = a.key;
  for (let i = 0; i < 4000; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @burn compareRecords
  return a.key - b.key || x - x;
}

const records = Array.from({ length: 64 }, (_, i) => ({ key: Math.imul(i, 0x9e3779b1) >>> 8 }));
function sortRecords(n) {
  let x = 0;
  for (let i = 0; i < n; i++) {
    const copy = records.slice();
    copy.sort(compareRecords);
    x ^= copy[0].key;
  }
  return x;
}

const documentText = JSON.stringify(
  Array.from({ length: 40 }, (_, id) => ({ id, name: `user ${id}`, tags: ['a', 'b', 'c'], nested: { on: true, at: id / 7 } })),
);
function parseDocument(n) {
  let x = 0;
  for (let i = 0; i < n; i++) {
    const parsed = JSON.parse(documentText); // @burn parseDocument
    x ^= parsed.length;
  }
  return x;
}

const prose = 'the quick brown fox jumps over the lazy dog, while 1234 sheep sleep; '.repeat(60);
const backtracking = /(\w+\s+)*?(\d{5})/;
function matchProse(n) {
  let x = 0;
  for (let i = 0; i < n; i++) {
    const found = backtracking.test(prose); // @burn matchProse
    x ^= found ? 1 : 2;
  }
  return x;
}

await burn([
  { name: 'compareRecords', share: 0.45, fn: sortRecords },
  { name: 'parseDocument', share: 0.3, fn: parseDocument },
  { name: 'matchProse', share: 0.25, fn: matchProse },
]);
report();
