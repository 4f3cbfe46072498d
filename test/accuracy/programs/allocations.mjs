// Keeps objects that are allocated at two lines, in the way argv[2] asks for. Prints the profile, in base64.
import { capture, start, stop } from 'hotspan';

const count = 400_000;
/** @type {unknown[]} */
const kept = new Array(2 * count);
let text = '1';

// A call stands between the two, or optimized code would allocate them as one.
function keepPair(i) {
  kept[2 * i] = { a: i, b: i, c: i, d: i, e: i }; // object
  parseFloat(text);
  kept[2 * i + 1] = [i, i, i, i, i, i, i, i, i, i]; // array
}

const ways = {
  /** The timer's callback is optimized, with keepPair() in it where functions are inlined. */
  called: () =>
    new Promise((resolve) => {
      let done = 0;
      const timer = setInterval(() => {
        for (let k = 0; k < 4000; k++) keepPair(done++);
        if (done < count) return;
        clearInterval(timer);
        resolve(undefined);
      }, 1);
    }),
  /** One call: its code is replaced while it runs. */
  inOneLoop: () => {
    for (let i = 0; i < count; i++) keepPair(i);
  },
  /** The same with the allocations in the loop itself. */
  atOnce: () => {
    for (let i = 0; i < count; i++) {
      kept[2 * i] = { a: i, b: i, c: i, d: i, e: i }; // object at once
      parseFloat(text);
      kept[2 * i + 1] = [i, i, i, i, i, i, i, i, i, i]; // array at once
    }
  },
};

start({ profiles: ['heap'], heapInterval: 4096, period: 0 });
await ways[/** @type {keyof typeof ways} */ (process.argv[2])]();
text = String(kept.length);
const { heap } = await capture({ seconds: 0.01, profiles: ['heap'] });
await stop();
console.log(Buffer.from(heap).toString('base64'));
