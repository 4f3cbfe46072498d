// Uses the API as an app would, and prints what it saw as JSON. Profiles go where HOTSPAN_EXPORT says.
import { capture, start, stats, stop } from 'hotspan';

/** CPU time, not time that passes: the machine may be busy with other tests. */
function burnHere(cpuMs) {
  const endUs = process.cpuUsage().user + 1000 * cpuMs;
  let x = 1;
  do for (let i = 0; i < 1_000_000; i++) x = (x * 31 + i) | 0; while (process.cpuUsage().user < endUs);
  return x;
}

const before = stats();
start({ rate: 999, period: 0, service: 'sessions' });
start({ rate: 10 });
burnHere(300);
const captured = capture({ seconds: 0.3 });
burnHere(200);
const { cpu, startMs, endMs } = await captured;
burnHere(100);
const during = stats();
await stop();
const refused = await capture({ seconds: -1 }).catch((error) => error.message);
console.log(JSON.stringify({ before, during, after: stats().running, cpu: Buffer.from(cpu).toString('base64'), ms: endMs - startMs, refused }));
