// Functions that are optimized, then meet a type they were not optimized for, over and over.
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
const add = (a, b) => a + b;
const shapes = [{ x: 1 }, { y: 2, x: 3 }, { z: 1, y: 2, x: 4 }, Object.create({ x: 5 })];

function hotLoop(seed, disturb) {
  let total = 0;
  for (let i = 0; i < 20000; i++) {
    const shape = i === 19990 ? disturb : shapes[0];
    total = add(total, shape.x + (seed & i));
    if (total > 1e9) total -= 1e9;
  }
  return total;
}

for (let round = 0; round < times(100); round++) {
  // A fresh function each time, so that every round goes through all tiers.
  const fresh = new Function('shapes', 'add', `${hotLoop}; return hotLoop;`)(shapes, add);
  for (const shape of shapes) fresh(round, shape);
  add('s', round);
  add(1n, 2n);
  add(0.5, round);
  fresh(round + 0.5, shapes[round % shapes.length]);
  const result = fresh(3, { x: 'string', toString: () => 'o' });
  if (round === 0) checksum.add(typeof result + result);
  else if (typeof result !== 'string') throw new Error(`round ${round}: ${result}`);
}
checksum.print('deopts');
