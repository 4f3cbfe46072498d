// A server nobody calls.
import http from 'node:http';
import { performance } from 'node:perf_hooks';
import { finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const settings = readSettings();
const profiler = await loadProfiler(settings);
const server = http.createServer((request, response) => response.end());
server.listen(0, '127.0.0.1', () => {
  profiler.start();
  // Work of the start itself is not idleness.
  setTimeout(() => {
    const mark = performance.eventLoopUtilization();
    process.once('message', async () => {
      const { utilization } = performance.eventLoopUtilization(mark);
      await profiler.stop();
      server.close();
      finish({ utilization });
    });
    process.send({ type: 'idle' });
  }, 500);
});
