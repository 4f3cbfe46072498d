// Works for 300 ms of CPU from its first line on: in a function of its own among collections, or in one of V8's.
const [what, end] = process.argv.slice(2);
const { start, stop } = end === 'stop' ? await import('../../../../dist/index.js') : {};
start?.();

const numbers = Array.from({ length: 20_000 }, (_, i) => i + 0.5);
let sum = 0, rounds = 0;

function spin() {
  for (let i = 0; i < 100_000; i++) sum = (Math.imul(sum, 31) + i) | 0;
}

const cpuMs = () => (({ user, system }) => (user + system) / 1000)(process.cpuUsage());
const until = cpuMs() + 300;
while (cpuMs() < until) {
  if (what === 'collections') {
    spin();
    if (++rounds % 50 === 0) globalThis.gc({ type: 'minor' });
  } else {
    // Optimized code calls it, too; what it makes of indexOf() has no frame.
    for (let i = 0; i < 20; i++) sum += numbers.lastIndexOf(-1);
  }
}
await stop?.();
