// Generators and async generators, suspended in loops, in try/finally, and left early.
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
let left = 0;
let firstSum;

function* tree(depth) {
  if (depth === 0) return 1;
  try {
    const a = yield* tree(depth - 1);
    yield depth;
    const b = yield* tree(depth - 1);
    return a + b;
  } finally {
    left++;
  }
}

async function* numbers(limit) {
  try {
    for (let i = 0; i < limit; i++) {
      if (i % 3 === 0) await null;
      yield i;
    }
  } finally {
    await null;
    left++;
  }
}

async function* doubled(source) {
  for await (const value of source) yield value * 2;
}

for (let round = 0; round < times(100); round++) {
  let sum = 0;
  for (const value of tree(8)) sum += value;
  for (const value of tree(8)) if (value === 5) break;
  for await (const value of doubled(numbers(300))) {
    if (value > 500) break;
    sum += value;
  }
  const thrown = tree(3);
  thrown.next();
  try {
    thrown.throw(new Error('into a generator'));
  } catch (error) {
    sum += error.message.length;
  }
  firstSum ??= sum;
  if (sum !== firstSum) throw new Error(`round ${round}: ${sum} is not ${firstSum}`);
  if (round === 0) checksum.add(`${sum} ${left}`);
}
checksum.print('generators');
