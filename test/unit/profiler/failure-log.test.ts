import assert from 'node:assert/strict';

import { FailureLog } from '../../../src/profiler/failure-log.ts';

function lines(act: (log: FailureLog) => void): string[] {
  const said: string[] = [];
  act(new FailureLog({ error: (line) => said.push(line) }));
  return said;
}

function writeError(period: number, code: string): Error {
  const cause = Object.assign(new Error(`${code}: open cpu-1-${period}.pb.gz`), { code });
  return new Error(`cannot write cpu-1-${period}.pb.gz: ${cause.message}`, { cause });
}

describe('FailureLog', () => {
  it('says one reason once, and how many periods were lost', () => {
    const said = lines((log) => {
      for (let period = 1; period <= 5; period++) log.failed(writeError(period, 'EROFS'));
      log.summarize();
    });
    assert.equal(said.length, 2);
    assert.match(said[0]!, /^cannot write cpu-1-1\.pb\.gz: EROFS/);
    assert.equal(said[1], 'the profiles of 5 periods were lost');
  });

  it('says another reason, and the first one no second time', () => {
    const said = lines((log) => {
      for (const code of ['EROFS', 'ENOSPC', 'EROFS']) log.failed(writeError(1, code));
    });
    assert.deepEqual(said.map((line) => /E[A-Z]+/.exec(line)?.[0]), ['EROFS', 'ENOSPC']);
  });

  it('needs no summary where all was said', () => {
    assert.equal(lines((log) => (log.failed('no error at all'), log.summarize())).length, 1);
  });

  it('is quiet where reasons never end', () => {
    assert.ok(lines((log) => {
      for (let i = 0; i < 1000; i++) log.failed(new Error(`reason ${i}`));
    }).length < 50);
  });
});
