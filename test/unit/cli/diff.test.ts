import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCommandLine, UsageError } from '../../../src/cli/command.ts';
import { diffCommand } from '../../../src/cli/diff.ts';
import { gzipProfile } from '../../../src/profile/encode-profile.ts';
import { buildProfile } from '../profile/sample-profile.ts';
import { recordingIo } from './recording-io.ts';

describe('hotspan diff', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hotspan-diff-'));
    for (const [name, value] of [['base', 1e9], ['head', 3e9], ['other', 5e9]] as const) {
      const samples = [{ stack: ['hash@/app/crypto.js', 'main@/app/main.js'], values: [1, value] }];
      const profile = buildProfile({ types: ['samples/count', 'cpu/nanoseconds'], samples, header: { defaultType: 'cpu' } });
      await writeFile(join(directory, `${name}.pb.gz`), await gzipProfile(profile));
    }
    await writeFile(join(directory, 'heap.pb.gz'), await gzipProfile(buildProfile({ types: ['inuse_space/bytes'], samples: [] })));
  });
  after(() => rm(directory, { recursive: true }));

  async function diff(...args: string[]): Promise<string> {
    const io = { ...recordingIo(), cwd: directory };
    assert.equal(await diffCommand.run(parseCommandLine(diffCommand, args), io), 0);
    assert.equal(io.err(), '');
    return io.out();
  }

  it('compares two files', async () => {
    assert.match(await diff('base.pb.gz', 'head.pb.gz'), /^cpu: 1s \(1 profile\) → 3s .*\n\n.*\n +1s +3s +\+2s +\+200\.00%.*hash \/app\/crypto\.js:1$/m);
  });

  it('compares several files a side, as means', async () => {
    const json = JSON.parse(await diff('--json', '--by', 'line', 'base.pb.gz', '--', 'head.pb.gz', 'other.pb.gz')) as Record<string, unknown>;
    assert.deepEqual([json['base'], json['head'], json['headCount']], [['base.pb.gz'], ['head.pb.gz', 'other.pb.gz'], 2]);
    assert.deepEqual((json['rows'] as { line: number; flat: { delta: number } }[]).map(({ line, flat }) => [line, flat.delta]), [[10, 3e9], [11, 0]]);
  });

  it('prints Markdown', async () => {
    assert.match(await diff('--markdown', 'base.pb.gz', 'head.pb.gz'), /^\| `hash` \/app\/crypto\.js:1 \| 1s \| 3s \| \+2s \| \+200\.00% \|/m);
  });

  it('refuses what it cannot use, in one line', async () => {
    const cases: readonly (readonly [string[], RegExp])[] = [
      [[], /both sides/],
      [['base.pb.gz'], /both sides/],
      [['base.pb.gz', 'head.pb.gz', 'other.pb.gz'], /separate several files a side by --/],
      [['base.pb.gz', 'missing.pb.gz'], /missing\.pb\.gz: no such file/],
      [['base.pb.gz', 'heap.pb.gz'], /no sample type 'cpu'.*inuse_space/],
      [['--json', '--markdown', 'base.pb.gz', 'head.pb.gz'], /exclude each other/],
      [['-n', '0', 'base.pb.gz', 'head.pb.gz'], /-n expects/],
    ];
    for (const [args, message] of cases) {
      await assert.rejects(diff(...args), (error) => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'));
    }
  });
});
