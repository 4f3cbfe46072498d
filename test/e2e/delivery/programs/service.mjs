// A service that works a little all the time and measures how late its timers are. Ends by itself after argv[2] ms, or
// by a signal; says what it saw on stdout, last thing.
import { stats } from '../../../../dist/index.js';

function burnService(ms) {
  const end = performance.now() + ms;
  let x = 0;
  while (performance.now() < end) x = (x * 31 + 7) | 0;
  return x;
}

/** Some 16 KiB each time, 3 MiB a second. */
function allocateService() {
  return Array.from({ length: 512 }, (_, i) => [i]);
}

const late = [];
const tickMs = 5;
let expected = performance.now() + tickMs;
setInterval(() => {
  burnService(1);
  allocateService();
  const now = performance.now();
  late.push(Math.max(0, now - 1 - expected));
  expected = now + tickMs;
}, tickMs);

let maxRss = 0;
setInterval(() => (maxRss = Math.max(maxRss, process.memoryUsage.rss())), 100);

process.once('exit', () => {
  late.sort((a, b) => a - b);
  const p99Ms = late[Math.floor(late.length * 0.99)] ?? 0;
  console.log(JSON.stringify({ p99Ms, maxRssMiB: maxRss / 1024 / 1024, delivery: Object.values(stats().delivery)[0] }));
});
console.log('ready');
const lifeMs = Number(process.argv[2] ?? 0);
if (lifeMs > 0) setTimeout(() => process.exit(0), lifeMs);
