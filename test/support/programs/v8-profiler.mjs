// Preloaded instead of hotspan: V8's own CPU profiler through node:inspector, written at exit.
import fs from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const dir = process.env.HOTSPAN_TEST_V8_PROFILE_DIR;
if (dir && isMainThread) {
  const session = new Session();
  session.connect();
  const post = (method, params) => {
    let answer;
    session.post(method, params, (error, result) => {
      if (error) throw error;
      answer = result;
    });
    return answer;
  };
  post('Profiler.enable');
  post('Profiler.setSamplingInterval', { interval: Number(process.env.HOTSPAN_TEST_V8_INTERVAL_US ?? 500) });
  post('Profiler.start');
  process.on('exit', () => {
    const { profile } = post('Profiler.stop');
    fs.writeFileSync(join(dir, `cpu-${process.pid}.cpuprofile`), JSON.stringify(profile));
  });
}
