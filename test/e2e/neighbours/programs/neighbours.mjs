// Two functions burn in turn, 2:1, while @datadog/pprof and a node:inspector session profile as well. --cpu-prof may be
// on the command line. Writes the neighbours' profiles into DIR; run as `neighbours.mjs DIR [DATADOG]`.
import fs from 'node:fs';
import { Session } from 'node:inspector/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [dir, datadog] = process.argv.slice(2);

function burnTwoThirds(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0;
  return x;
}

function burnOneThird(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 22695477) + 1) | 0;
  return x;
}

const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const truth = { burnTwoThirds: 0, burnOneThird: 0 };
const timed = (name, fn, n) => {
  const before = cpuUs();
  fn(n);
  truth[name] += cpuUs() - before;
};

const time = datadog ? createRequire(import.meta.url)(datadog).time : undefined;
time?.start({ intervalMicros: 2000, durationMillis: 60_000 });
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 2000 });
await session.post('Profiler.start');

for (const end = cpuUs() + 1.5e6; cpuUs() < end; ) {
  timed('burnTwoThirds', burnTwoThirds, 4e6);
  timed('burnOneThird', burnOneThird, 2e6);
  await new Promise((resolve) => setImmediate(resolve));
}

const { profile } = await session.post('Profiler.stop');
fs.writeFileSync(join(dir, 'inspector.cpuprofile'), JSON.stringify(profile));
if (time) {
  const { encode } = createRequire(import.meta.url)(datadog);
  fs.writeFileSync(join(dir, 'datadog.pb.gz'), await encode(time.stop(false)));
}
console.log(JSON.stringify(truth));
