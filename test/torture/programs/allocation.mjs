// Garbage of every kind: young and old objects, large arrays, strings, array buffers, weak references, finalizers.
import { createChecksum, createRandom, times } from './checksum.mjs';

const checksum = createChecksum();
const random = createRandom(5);
const old = new Map();
const weak = new WeakMap();
const registry = new FinalizationRegistry(() => {});
const references = [];

for (let round = 0; round < times(8000) + 100; round++) {
  const key = { round, name: `object ${round}` };
  weak.set(key, [round]);
  registry.register(key, round);
  references.push(new WeakRef(key));
  if (references.length > 100) references.shift();
  old.set(random() % 500, { key, text: `${round}`.repeat(20), list: Array.from({ length: random() % 50 }, (_, i) => ({ i })) });
  if (round % 64 === 0) old.set('large', new Array(40000).fill(round));
  if (round % 32 === 0) old.set('buffer', new Uint8Array(200000).fill(round));
  if (round % 128 === 0) old.set('text', 'a'.repeat(1000) + round + [...'abc'].map((c) => c.repeat(1000)).join(round));
  if (round === 99) checksum.add([...old.keys()].join());
  if (round % 1000 === 999) old.clear();
}
checksum.print('allocation');
