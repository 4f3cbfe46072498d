// Heap profiles of hotspan's while DevTools does what argv says. Prints what DevTools' profile has after hotspan has
// stopped (nothing: it has no sampler), and what was kept since: as much before hotspan's stop as after it.
import { Session } from 'node:inspector/promises';
import { capture, start, stop } from 'hotspan';

const session = new Session();
session.connect();
const kept = [];
const keepObjects = (count) => {
  for (let i = 0; i < count; i++) kept.push({ a: i, b: i, c: i, d: i, e: i });
};
const count = 100_000;
const bytes = (3 + 5) * 8 * count;
const keepBeforeStop = () => keepObjects(count);

const steps = {
  start: () => session.post('HeapProfiler.startSampling', { samplingInterval: 16384 }),
  stop: () => session.post('HeapProfiler.stopSampling'),
  take: () => capture({ seconds: 0.01, profiles: ['heap'] }),
};

start({ profiles: ['heap'], heapInterval: 16384, period: 0 });
await capture({ seconds: 0.01, profiles: ['heap'] });
for (const step of process.argv.slice(2)) if (step !== '') await steps[/** @type {keyof typeof steps} */ (step)]();
keepBeforeStop();
await stop();
keepObjects(count);

const sizeOf = (node) => node.children.reduce((sum, child) => sum + sizeOf(child), /^keep/.test(node.callFrame.functionName) ? node.selfSize : 0);
const others = await session.post('HeapProfiler.getSamplingProfile').then(({ profile }) => sizeOf(profile.head), () => undefined);
console.log(JSON.stringify({ others, kept: others === undefined ? bytes : 2 * bytes }));
