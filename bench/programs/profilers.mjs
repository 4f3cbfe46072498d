// The profilers that are compared, behind one face: { start, rotate, stop, stats }. All sample at the same rate.
// start and rotate are synchronous: what they take is what the event loop is blocked for.
import { createRequire } from 'node:module';
import { Session } from 'node:inspector';

/** `directory` receives hotspan's profiles; `datadog` is where @datadog/pprof is installed. */
export async function loadProfiler({ variant, rateHz, directory, datadog }) {
  switch (variant) {
    case 'off':
      return { start() {}, rotate() {}, async stop() {}, stats: () => undefined };
    case 'hotspan':
      return hotspan({ rateHz, directory });
    case 'v8':
      return v8CpuProfiler({ rateHz });
    case 'datadog':
      return datadogPprof({ rateHz, datadog });
    default:
      throw new Error(`no such variant: ${variant}`);
  }
}

/** What `start()` of the public API does, with a handle on the profiler so that it can be rotated by hand. */
async function hotspan({ rateHz, directory }) {
  const dist = new URL('../../dist/', import.meta.url);
  await import(new URL('index.js', dist)); // as an app does; it loads the addon
  const { createDelivery, createProfiler, settleOptions, stats } = await import(new URL('bench/profiler.js', dist));
  let profiler;
  return {
    start() {
      const { options, log } = settleOptions({ rate: rateHz, period: 0, export: `file:${directory}` });
      profiler = createProfiler(options, createDelivery(options, process.env, log).exporters, log);
      profiler.start();
    },
    rotate: () => profiler.rotate(),
    stop: () => profiler.stop(),
    stats,
  };
}

/** Over node:inspector, the way for programs without an addon. A rotation stops and starts, as V8 offers no other. */
function v8CpuProfiler({ rateHz }) {
  const session = new Session();
  session.connect();
  const post = (method, parameters) =>
    session.post(method, parameters, (error) => {
      if (error) throw error;
    });
  return {
    start() {
      post('Profiler.enable');
      post('Profiler.setSamplingInterval', { interval: Math.round(1e6 / rateHz) });
      post('Profiler.start');
    },
    rotate() {
      post('Profiler.stop');
      post('Profiler.start');
    },
    async stop() {
      post('Profiler.stop');
    },
    stats: () => undefined,
  };
}

/** As dd-trace drives it: restart gives the finished profile, its encoding runs later. */
function datadogPprof({ rateHz, datadog }) {
  const { time } = createRequire(import.meta.url)(datadog);
  return {
    start: () => time.start({ intervalMicros: Math.round(1e6 / rateHz), durationMillis: 60_000 }),
    rotate: () => void time.stop(true),
    stop: async () => void time.stop(false),
    stats: () => undefined,
  };
}
