// @exit 3
// An exit code set early, a loop that ends by itself, and an exit listener that still works a while.
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
process.exitCode = 3;
let turns = 0;
const timer = setInterval(() => {
  let x = 1;
  for (let i = 0; i < 1e5; i++) x = (Math.imul(x, 69069) + 1) | 0;
  checksum.add(x);
  if (++turns === 20) clearInterval(timer);
}, 1);
process.on('exit', (code) => {
  for (let i = 0; i < times(1e6); i++) turns = (turns + i) | 0;
  checksum.add(code);
  checksum.print('exit-code');
});
