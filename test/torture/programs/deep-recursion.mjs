// Very deep stacks, overflow caught at the bottom, and overflow inside builtins that call back.
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
const sumDown = (n) => (n === 0 ? 0 : n + sumDown(n - 1));

function overflow(depth) {
  try {
    return overflow(depth + 1) + 1;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return 1;
  }
}

const throughBuiltins = (n) => [n].map((value) => (value === 0 ? 0 : throughBuiltins(value - 1)[0] + 1));
const throughReplace = (n) => 'x'.replace(/x/, () => (n === 0 ? '.' : throughReplace(n - 1) + '.'));
function overflowInSort() {
  return [2, 1].sort((a, b) => overflowInSort() || a - b);
}

for (let round = 0; round < times(25); round++) {
  const sum = sumDown(4000) + throughBuiltins(300)[0] + throughReplace(200).length;
  let caught = 'none';
  try {
    overflowInSort();
  } catch (error) {
    caught = error.constructor.name;
  }
  if (overflow(0) < 100) throw new Error('the stack is too small');
  if (round === 0) checksum.add(`${sum} ${caught}`);
}
checksum.print('deep-recursion');
