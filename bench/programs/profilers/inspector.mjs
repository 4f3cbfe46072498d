// V8's CpuProfiler over node:inspector, the way for programs without an addon. A rotation stops and starts, as V8 offers
// no other; what is uploaded is the profile's JSON.
import { Session } from 'node:inspector';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

export function createProfiler({ intervalMicros }) {
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
    start() {
      post('Profiler.enable');
      post('Profiler.setSamplingInterval', { interval: intervalMicros });
      post('Profiler.start');
    },
    rotate() {
      const { profile } = post('Profiler.stop');
      post('Profiler.start');
      return encode(profile);
    },
    async stop() {
      post('Profiler.stop');
      post('Profiler.disable');
    },
    /** For the end of the process: the profile as DevTools reads it. */
    stopSync: () => JSON.stringify(post('Profiler.stop').profile),
    ending: 'cpuprofile',
    stats: () => undefined,
  };
}

async function encode(profile) {
  const samples = profile.samples.length;
  await new Promise(setImmediate);
  return { bytes: (await compress(JSON.stringify(profile))).length, samples: () => samples };
}
