// Preloaded after the profiler: writes the CPU time the OS counted for the main thread between the two marks,
// one just after the profiler has started and one just before it stops.
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
  let written = false;
  const finish = () => {
    if (written) return;
    written = true;
    fs.writeFileSync(`${file}.${process.pid}`, JSON.stringify({ cpuNs: readNs() - startNs }));
  };
  // Ahead of the profiler's own listeners, which were added before.
  process.prependListener('beforeExit', finish);
  process.prependListener('exit', finish);
  const startNs = readNs();
}
