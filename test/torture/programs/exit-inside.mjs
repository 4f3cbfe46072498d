// @cases recursion sort async generator timer exit-listener before-exit finally getter
// @exit 7
// process.exit(7) from odd places while samples arrive.
import { createChecksum } from './checksum.mjs';

const checksum = createChecksum();
const where = process.argv[3];
const work = () => {
  let x = 1;
  for (let i = 0; i < 2e6; i++) x = (Math.imul(x, 69069) + 1) | 0;
  return x;
};
checksum.add(work());
process.on('exit', (code) => checksum.add(code));
process.on('exit', () => checksum.print(`exit-inside ${where}`));

const recurse = (n) => (n === 0 ? process.exit(7) : recurse(n - 1) + 1);
function* generate() {
  yield work();
  process.exit(7);
}
const places = {
  recursion: () => recurse(1000),
  sort: () => [3, 2, 1].sort(() => process.exit(7)),
  async: async () => {
    await Promise.all([1, 2, 3].map(async () => work()));
    process.exit(7);
  },
  generator: () => [...generate()],
  timer: () => setTimeout(() => process.exit(7), 5),
  'exit-listener': () => process.on('exit', () => process.exit(7)),
  'before-exit': () => process.on('beforeExit', () => process.exit(7)),
  finally: () => {
    try {
      throw new Error('never seen');
    } finally {
      process.exit(7);
    }
  },
  getter: () => ({ get now() { return process.exit(7); } }).now,
};
places[where]();
