// Each function spends its time in one of V8's, which has a frame of its own, in whatever tier the caller runs.
const numbers = Array.from({ length: 20_000 }, (_, i) => i + 0.5);
const mixed = Array.from({ length: 20_000 }, (_, i) => (i % 2 ? { i } : i));
const burnMs = 400;

function burnLastIndexOf(until) {
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 20; i++) sum += numbers.lastIndexOf(-1);
  return sum;
}

function burnReverse(until) {
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 20; i++) sum += mixed.reverse().length;
  return sum;
}

// The very first milliseconds are resolved without the builtins' symbols: slow-disk.test.ts has that.
const ready = performance.now() + 200;
while (performance.now() < ready);
for (const burn of [burnLastIndexOf, burnReverse]) burn(performance.now() + burnMs);
