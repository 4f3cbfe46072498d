// What `start()` of the public API does, with a handle on the profiler so that it can be rotated by hand.
import { gunzipSync } from 'node:zlib';

export async function createProfiler({ rateHz, directory, options = {} }) {
  // As an app does, whose import of hotspan loads the addon: the peers' addons are loaded by theirs.
  await import(new URL('../../../dist/index.js', import.meta.url));
  const { createDelivery, createProfiler: create, settleOptions, stats } = await import(new URL('../../../dist/bench/profiler.js', import.meta.url));
  let profiler;
  let ended = () => {};
  const watcher = { export: async ({ profiles }) => ended(profiles[0].bytes), exportSync() {} };
  return {
    start() {
      const { options: settled, log } = settleOptions({ rate: rateHz, period: 3600, export: `file:${directory}`, ...options });
      profiler = create(settled, [...createDelivery(settled, process.env, log).exporters, watcher], log);
      profiler.start();
    },
    rotate() {
      profiler.rotate();
      return new Promise((resolve) => {
        ended = (bytes) => resolve({ bytes: bytes.length, samples: () => countSamples(bytes) });
      });
    },
    stop: () => profiler.stop(),
    stats,
  };
}

async function countSamples(bytes) {
  const { Profile } = await import('pprof-format');
  return Profile.decode(gunzipSync(bytes)).sample.reduce((sum, { value }) => sum + Number(value[0]), 0);
}
