// Samplers of allocations behind one face: { start, take, stop }. `take()` is what blocks the JS thread to get the profile
// of now: for those that encode on that thread, encoding is in it; what goes on elsewhere is in the promise it returns.
import { gzipSync } from 'node:zlib';

const datadogLike = async (url, intervalBytes) => {
  const { encodeSync, heap } = await import(url);
  return {
    start: () => heap.start(intervalBytes, 64),
    take: async () => encodeSync(heap.profile()).length,
    stop: async () => heap.stop(),
  };
};

const makers = {
  none: async () => ({ start() {}, take: async () => 0, async stop() {} }),

  async hotspan({ directory, intervalBytes }) {
    const { createProfiler } = await import('./profilers/hotspan.mjs');
    const profiler = await createProfiler({ directory, options: { profiles: ['heap'], heapInterval: intervalBytes } });
    return { start: profiler.start, take: async () => (await profiler.rotate()).bytes, stop: profiler.stop };
  },

  datadog: ({ intervalBytes }) => datadogLike('@datadog/pprof', intervalBytes),

  async pyroscope({ intervalBytes }) {
    const { createRequire } = await import('node:module');
    const require = createRequire(createRequire(import.meta.url).resolve('@pyroscope/nodejs'));
    return datadogLike(require.resolve('@datadog/pprof'), intervalBytes);
  },

  async inspector({ intervalBytes }) {
    const { Session } = await import('node:inspector');
    const session = new Session();
    session.connect();
    const post = (method, parameters) => {
      let answer;
      session.post(method, parameters, (error, result) => {
        if (error) throw error;
        answer = result;
      });
      return answer;
    };
    return {
      start: () => post('HeapProfiler.startSampling', { samplingInterval: intervalBytes }),
      take: async () => gzipSync(JSON.stringify(post('HeapProfiler.getSamplingProfile').profile)).length,
      stop: async () => post('HeapProfiler.stopSampling'),
    };
  },
};

/** `intervalBytes`: bytes allocated for each sample, in the mean. @param {{ variant: string, directory: string, intervalBytes: number }} settings */
export const loadHeapProfiler = ({ variant, ...settings }) => makers[variant](settings);
