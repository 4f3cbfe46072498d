// Allocates so that V8's helper threads have work: records that survive scavenges, in a ring that gives old ones up.
// It stays in one call for long: V8 runs a collection that is due as a task of the event loop when it gets the chance,
// and such a collection has no JavaScript beneath it. The loop is on one line, for V8 also stops at its head.
import { hasBudget } from './cpu-budget.mjs';

const kept = new Array(600_000);
let next = 0;

function allocateRecords(count) {
  for (let i = 0; i < count; i++) kept[next++ % kept.length] = { id: i, text: `record ${i}`, parts: [i, i + 1, { deep: i }] }; // @burn allocateRecords
}

while (hasBudget()) allocateRecords(100_000);
