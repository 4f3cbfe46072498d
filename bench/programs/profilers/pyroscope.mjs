// @pyroscope/nodejs by the classes its own start() uses (wall profiles with CPU time, as its documentation advises), so
// that a profile can be ended by hand instead of every minute. What is uploaded is what its exporter builds.
import { createRequire } from 'node:module';

const dist = new URL('../../../node_modules/@pyroscope/nodejs/dist/esm/', import.meta.url);
const { WallProfiler } = await import(new URL('profilers/wall-profiler.js', dist));
const { PyroscopeApiExporter } = await import(new URL('pyroscope-api-exporter.js', dist));

export function createProfiler({ intervalMicros }) {
  const wall = new WallProfiler();
  const exporter = new PyroscopeApiExporter('bench', undefined, 'http://127.0.0.1:9', {});
  return {
    start: () => wall.start({ samplingDurationMs: 60_000, samplingIntervalMicros: intervalMicros, collectCpuTime: true }),
    rotate: () => encode(wall.profile().profile, exporter),
    async stop() {
      wall.stop();
    },
    /** For the end of the process: the profile, gzip pprof, before its exporter writes file and line into each name. */
    stopSync: () => createRequire(new URL('index.js', dist))('@datadog/pprof').encodeSync(wall.stop().profile),
    stats: () => undefined,
  };
}

async function encode(profile, exporter) {
  const bytes = (await exporter.buildUploadProfileBody(profile)).length;
  return { bytes, samples: () => profile.sample.reduce((sum, { value }) => sum + Number(value[0]), 0) };
}
