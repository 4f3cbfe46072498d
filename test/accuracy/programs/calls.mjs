// Plain calls, inlined calls, loops entered once, closures, deep recursion. `@burn` marks the line that burns.
import { burn, burnOnce, report } from './burn.cjs';

function plainLarge(n) {
  let x = n | 1;
  const before = x & 7;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @burn plainLarge
  const after = x & 3;
  return x ^ before ^ after;
}

function plainSmall(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0; // @burn plainSmall
  return x;
}

// One chain of dependent steps each, three times as long in the first: small enough to be inlined, long enough that
// the loop around them costs nothing beside them.
function inlinedLong(x) {
  x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; // @burn inlinedLong
  return x;
}

function inlinedShort(x) {
  x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; x ^= x << 13; x ^= x >>> 17; x ^= x << 5; // @burn inlinedShort
  return x;
}

function callsInlined(n) {
  let x = 2463534242 | 0;
  for (let i = 0; i < n; i++) {
    x = inlinedLong(x);
    x = inlinedShort(x);
  }
  return x;
}

function loopOnce(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 22695477) + 1) | 0; // @burn loopOnce
  return x;
}

function nestedLoopsOnce(n) {
  let x = n | 1;
  for (let outer = 0; outer < n; outer += 100000) {
    const salt = outer & 15;
    for (let i = 0; i < 100000; i++) x = (Math.imul(x, 69069) + salt) | 0; // @burn nestedLoopsOnce
  }
  return x;
}

function makeClosures(factor) {
  let calls = 0;
  const closureLarge = (n) => {
    calls++;
    let x = calls;
    for (let i = 0; i < n; i++) x = (Math.imul(x, factor) + calls) | 0; // @burn closureLarge
    return x;
  };
  function closureSmall(n) {
    let x = ++calls;
    for (let i = 0; i < n; i++) x = (Math.imul(x, factor) - calls) | 0; // @burn closureSmall
    return x;
  }
  return { closureLarge, closureSmall };
}

function descend(depth, n) {
  if (depth > 0) {
    return descend(depth - 1, n) ^ depth;
  }
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 134775813) + 1) | 0; // @burn descend
  return x;
}

const { closureLarge, closureSmall } = makeClosures(1103515245);
const plan = [
  { name: 'plainLarge', share: 0.36, fn: plainLarge },
  { name: 'plainSmall', share: 0.06, fn: plainSmall },
  { name: 'callsInlined', share: 0.24, fn: callsInlined, owners: { inlinedLong: 0.75, inlinedShort: 0.25 } },
  { name: 'closureLarge', share: 0.12, fn: closureLarge },
  { name: 'closureSmall', share: 0.07, fn: closureSmall },
  { name: 'descend', share: 0.15, fn: (n) => descend(500, n) },
];
await burn(plan, 1.3);
burnOnce('loopOnce', loopOnce, 3.2e8);
burnOnce('nestedLoopsOnce', nestedLoopsOnce, 2e8);
await burn(plan, 1.3);
report();
