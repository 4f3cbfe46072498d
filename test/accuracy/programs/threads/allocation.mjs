// Allocates so that V8's helper threads have work: records that survive scavenges, in a ring that gives old ones up.
import { hasBudget } from './cpu-budget.mjs';

const kept = new Array(600_000);
let next = 0;

function allocateRecords(count) {
  for (let i = 0; i < count; i++) {
    kept[next] = { id: i, text: `record ${i}`, parts: [i, i + 1, { deep: i }] }; // @burn allocateRecords
    next = next + 1 < kept.length ? next + 1 : 0;
  }
}

// A turn of the event loop now and then, as in a service.
while (hasBudget()) {
  allocateRecords(50_000);
  await new Promise((resolve) => setImmediate(resolve));
}
