// Preloaded into programs that know nothing of a profiler: one runs from here to the end of the process and leaves its
// profile in a directory. What is profiled is the main thread. Settings in the environment, as JSON.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const { variant, rateHz, directory } = JSON.parse(process.env.BENCH_PRELOAD);
  const { createProfiler } = await import(`./profilers/${variant}.mjs`);
  const profiler = await createProfiler({ rateHz, intervalMicros: Math.round(1e6 / rateHz), directory });
  profiler.start();
  process.once('beforeExit', async () => {
    const bytes = await profiler.stopSync?.();
    if (bytes !== undefined) writeFileSync(join(directory, `cpu-${process.pid}.${profiler.ending ?? 'pb.gz'}`), bytes);
  });
}
