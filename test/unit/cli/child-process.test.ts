import assert from 'node:assert/strict';
import { guardWork, runChild } from '../../../src/cli/child-process.ts';

describe('guardWork', () => {
  it('survives a first signal, says so once, and leaves the signals as they were', async () => {
    const before = process.listenerCount('SIGUSR2');
    let warned = 0;
    const result = await guardWork(
      async () => {
        process.kill(process.pid, 'SIGUSR2');
        while (warned === 0) await new Promise((resolve) => setImmediate(resolve));
        return 'done';
      },
      () => (warned += 1),
    );
    assert.deepEqual([result, warned], ['done', 1]);
    assert.equal(process.listenerCount('SIGUSR2'), before);
  });

  it('leaves the signals as they were after a failure', async () => {
    const before = process.listenerCount('SIGTERM');
    await assert.rejects(guardWork(() => Promise.reject(new Error('no')), () => {}), /^Error: no$/);
    assert.equal(process.listenerCount('SIGTERM'), before);
  });
});

describe('runChild', () => {
  it('tells the exit code, the signal or why nothing began', async () => {
    const shell = (script: string) => runChild(['sh', '-c', script], process.env);
    assert.deepEqual(await shell('exit 5'), { code: 5 });
    assert.deepEqual(await shell('kill -KILL $$'), { signal: 'SIGKILL' });
    assert.deepEqual(await runChild(['no-such-command-here'], process.env), { failure: 'command not found: no-such-command-here' });
    assert.match(JSON.stringify(await runChild([''], process.env)), /"failure":"cannot run : /);
  });

  it('starts the command with the environment given and no shell', async () => {
    const script = "process.exit(process.env.GIVEN === 'a b' && process.argv[1] === '$HOME;' ? 0 : 1)";
    assert.deepEqual(await runChild([process.execPath, '-e', script, '$HOME;'], { GIVEN: 'a b' }), { code: 0 });
  });
});
