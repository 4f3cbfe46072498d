// What every measured program shares: its settings, its voice, its clock.
import fs from 'node:fs';

/** What the bench asked for; see the scenario that starts the program. */
export const readSettings = () => JSON.parse(process.argv[2]);

// A listener keeps the process alive until finish(): not every profiler does while it delivers its last profile.
process.on('message', () => {});

/** Sends the result and lets the process end. */
export function finish(result) {
  process.send({ type: 'result', ...result }, () => process.disconnect());
}

const schedstat = fs.openSync('/proc/thread-self/schedstat', 'r');
const text = Buffer.alloc(128);

/** CPU nanoseconds of the main thread. schedstat alone is as old as the last tick; getrusage brings it up to date. */
export function cpuNs() {
  process.cpuUsage();
  return Number(text.latin1Slice(0, fs.readSync(schedstat, text, 0, 128, 0)).split(' ')[0]);
}

/** Answers each message whose type is a key of `handlers` with what its handler gives, in the order of arrival. */
export function answer(handlers) {
  let last = Promise.resolve();
  process.on('message', ({ type, ...parameters }) => {
    const handler = handlers[type];
    last = last.then(async () => process.send({ type, ...(await handler(parameters)) }));
    last.catch((error) => {
      console.error(error);
      process.exit(1);
    });
  });
}

export function processCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
