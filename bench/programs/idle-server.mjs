// A server nobody calls.
import http from 'node:http';
import { performance } from 'node:perf_hooks';
import { answer, finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const profiler = await loadProfiler(readSettings());
// Node would look for stale connections every 30 s; here nothing of the app's is to happen at all.
const server = http.createServer({ connectionsCheckingInterval: 3_600_000 }, (request, response) => response.end());
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
profiler.start();
let mark;
answer({
  mark() {
    mark = performance.eventLoopUtilization();
    return {};
  },
  async report() {
    const { utilization } = performance.eventLoopUtilization(mark);
    await profiler.stop();
    server.close();
    setImmediate(() => finish({}));
    return { utilization };
  },
});
process.send({ type: 'idle' });
