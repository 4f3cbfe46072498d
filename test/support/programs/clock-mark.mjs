// Preloaded after the profiler: writes the CPU time the OS counted for the main thread, for the whole process and for
// each thread alive at the end, between two marks: just after the profiler has started and just before it stops.
import fs from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.HOTSPAN_TEST_CLOCK_FILE;
if (file && isMainThread) {
  const fd = fs.openSync('/proc/thread-self/schedstat', 'r');
  const buffer = Buffer.alloc(128);
  const readNs = () => {
    process.cpuUsage(); // schedstat is as old as the last tick; getrusage makes the kernel bring it up to date
    return Number(buffer.latin1Slice(0, fs.readSync(fd, buffer, 0, 128, 0)).split(' ')[0]);
  };
  const processNs = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) * 1000;
  };
  const readThreads = () =>
    new Map(
      fs.readdirSync('/proc/self/task').flatMap((tid) => {
        const read = (name) => fs.readFileSync(`/proc/self/task/${tid}/${name}`, 'utf8').trim();
        try {
          return [[tid, { name: read('comm'), cpuNs: Number(read('schedstat').split(' ')[0]) }]];
        } catch {
          return []; // ended between the two calls
        }
      }),
    );
  let written = false;
  const finish = () => {
    if (written) return;
    written = true;
    const threads = [...readThreads()].map(([tid, { name, cpuNs }]) => ({
      tid: Number(tid),
      name,
      cpuNs: cpuNs - (startThreads.get(tid)?.cpuNs ?? 0),
    }));
    const out = fs.openSync(`${file}.${process.pid}`, 'w');
    // Last, since the profiler counts on while we work.
    const processCpuNs = processNs() - startProcessNs;
    const cpuNs = readNs() - startNs;
    fs.writeSync(out, JSON.stringify({ cpuNs, processCpuNs, threads }));
    fs.closeSync(out);
  };
  // Ahead of the profiler's own listeners, which were added before.
  process.prependListener('beforeExit', finish);
  process.prependListener('exit', finish);
  const startThreads = readThreads();
  const startProcessNs = processNs();
  const startNs = readNs();
}
