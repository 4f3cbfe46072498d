import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipProfile } from '../../../src/profile/encode-profile.ts';
import { readProfile } from '../../../src/profile/read-profile.ts';
import { buildProfile, flatten } from './sample-profile.ts';

describe('readProfile', () => {
  let directory = '';
  before(async () => { directory = await mkdtemp(join(tmpdir(), 'hotspan-read-')); });
  after(() => rm(directory, { recursive: true }));

  it('reads a gzip file', async () => {
    const profile = buildProfile({ types: ['n/count'], samples: [{ stack: ['a'], values: [3] }] });
    const path = join(directory, 'cpu.pb.gz');
    await writeFile(path, await gzipProfile(profile));
    assert.deepEqual(flatten(await readProfile(path)), flatten(profile));
  });

  it('names path and reason when it cannot', async () => {
    const text = join(directory, 'notes.txt');
    await writeFile(text, 'not a profile at all');
    const cases: [path: string, code: string, reason: RegExp][] = [
      [join(directory, 'missing.pb.gz'), 'HOTSPAN_ERR_PROFILE_UNREADABLE', /no such file$/],
      [directory, 'HOTSPAN_ERR_PROFILE_UNREADABLE', /it is a directory$/],
      [text, 'HOTSPAN_ERR_PROFILE_CORRUPT', /not a pprof profile/],
    ];
    for (const [path, code, reason] of cases) {
      await assert.rejects(readProfile(path), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.ok(error.message.includes(path), error.message);
        assert.match(error.message, reason);
        return true;
      });
    }
  });
});
