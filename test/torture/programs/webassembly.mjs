// WebAssembly calling itself and JavaScript, traps, and growing memory. Where V8 has none (--jitless) JavaScript
// computes the same.
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
// (func $fib (export "fib") (param i32) (result i32)) recursive; (func (export "each") (param i32)) calls env.note
// downwards from n; (func (export "trap")) is unreachable.
const bytes = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0,
  1, 13, 3, 96, 1, 127, 1, 127, 96, 1, 127, 0, 96, 0, 0,
  2, 12, 1, 3, 101, 110, 118, 4, 110, 111, 116, 101, 0, 1,
  3, 4, 3, 0, 1, 2,
  7, 21, 3, 3, 102, 105, 98, 0, 1, 4, 101, 97, 99, 104, 0, 2, 4, 116, 114, 97, 112, 0, 3,
  10, 61, 3, 28, 0, 32, 0, 65, 2, 72, 4, 127, 32, 0, 5, 32, 0, 65, 1, 107, 16, 1, 32, 0, 65, 2, 107, 16, 1, 106, 11, 11, 26, 0, 2, 64, 3, 64, 32, 0, 69, 13, 1, 32, 0, 16, 0, 32, 0, 65, 1, 107, 33, 0, 12, 0, 11, 11, 11, 3, 0, 0, 11,
]);

const fallback = (note) => ({
  fib: function fib(n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
  },
  each: (n) => {
    for (; n > 0; n--) note(n);
  },
  trap: () => {
    throw new Error('unreachable');
  },
});

let noted = 0;
const note = (n) => (noted = (noted + n) | 0);
const exports = typeof WebAssembly === 'undefined' ? fallback(note) : await instantiate();
for (let round = 0; round < times(60); round++) {
  noted = 0;
  exports.each(2000);
  let trapped = 'no';
  try {
    exports.trap();
  } catch (error) {
    trapped = error.message;
  }
  const sum = `${exports.fib(18)} ${noted} ${trapped}`;
  if (round === 0) checksum.add(sum);
}
checksum.print('webassembly');

async function instantiate() {
  const { instance } = await WebAssembly.instantiate(bytes, { env: { note } });
  return instance.exports;
}
