// Throwing and unwinding: through finally, through builtins and C++, out of getters, with stack traces being read.
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
let finallyCount = 0;

function thrower(depth) {
  try {
    if (depth === 0) throw Object.assign(new Error('bottom'), { depth });
    thrower(depth - 1);
  } finally {
    finallyCount++;
  }
}

const through = [
  () => [1].forEach(() => thrower(5)),
  () => JSON.parse('{"a":1}', () => thrower(3)),
  () => JSON.stringify({ toJSON: () => thrower(3) }),
  () => [2, 1].sort(() => thrower(4)),
  () => 'x'.replace('x', () => thrower(2)),
  () => `${{ toString: () => thrower(2) }}`,
  () => Reflect.construct(class { constructor() { thrower(3); } }, []),
  () => new Proxy({}, { get: () => thrower(1) }).any,
  () => JSON.parse('{bad'),
  () => null.property,
  () => new Array(-1),
  () => structuredClone(() => {}),
  () => Buffer.alloc(1).readUInt32LE(0),
];

for (let round = 0; round < times(400); round++) {
  const seen = through.map((attempt) => {
    try {
      attempt();
      return 'nothing thrown';
    } catch (error) {
      return `${error.name} ${error.stack.length > 10}`;
    }
  });
  if (round === 0) checksum.add(`${seen} ${finallyCount}`);
}
checksum.print('exceptions');
