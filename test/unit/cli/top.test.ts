import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCommandLine, UsageError } from '../../../src/cli/command.ts';
import { topCommand } from '../../../src/cli/top.ts';
import { gzipProfile } from '../../../src/profile/encode-profile.ts';
import { buildProfile, type ProfileSpec } from '../profile/sample-profile.ts';

const cpu: ProfileSpec = {
  types: ['samples/count', 'cpu/nanoseconds'],
  samples: [
    { stack: ['hash@/app/crypto.js', 'main@/app/main.js'], values: [3, 3_000_000_000], labels: { thread: 'main' } },
    { stack: ['parse@/app/json.js', 'main@/app/main.js'], values: [1, 1_000_000_000], labels: { thread: 'worker-1' } },
  ],
  header: { timeNanos: 1_700_000_000_000_000_000n, durationNanos: 10_000_000_000, defaultType: 'cpu' },
};

describe('hotspan top', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hotspan-top-'));
    await writeFile(join(directory, 'cpu.pb.gz'), await gzipProfile(buildProfile(cpu)));
    await writeFile(join(directory, 'heap.pb.gz'), await gzipProfile(buildProfile({ types: ['inuse_space/bytes'], samples: [] })));
    await writeFile(join(directory, 'broken.pb.gz'), (await gzipProfile(buildProfile(cpu))).subarray(0, 60));
  });
  after(() => rm(directory, { recursive: true }));

  async function top(args: string[], stdout: { isTTY?: boolean } = {}, env: NodeJS.ProcessEnv = {}): Promise<string> {
    let text = '';
    const code = await topCommand.run(parseCommandLine(topCommand, args), {
      stdout: { ...stdout, write: (chunk: string) => { text += chunk; } },
      stderr: { write: (chunk: string) => assert.fail(`wrote to stderr: ${chunk}`) },
      env,
      cwd: directory,
    });
    assert.equal(code, 0);
    return text;
  }

  async function usageError(...args: string[]): Promise<string> {
    try {
      await top(args);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      assert.doesNotMatch(error.message, /\n/);
      return error.message;
    }
    return assert.fail(`accepted ${args.join(' ')}`);
  }

  it('prints header and table', async () => {
    assert.equal(await top(['cpu.pb.gz', '-n', '2']), [
      'Type: cpu/nanoseconds', 'Total: 4s', 'Duration: 10s', 'File: cpu.pb.gz', '',
      'flat   flat%  cum    cum%  function',
      '  3s  75.00%   3s  75.00%  hash /app/crypto.js:1',
      '  1s  25.00%   1s  25.00%  parse /app/json.js:1',
      '… 1 more', '',
    ].join('\n'));
  });

  it('merges files', async () => {
    assert.match(await top(['cpu.pb.gz', 'cpu.pb.gz']), /Total: 8s\nDuration: 10s\nFiles: cpu\.pb\.gz, cpu\.pb\.gz\n/);
  });

  it('prints JSON', async () => {
    const json: unknown = JSON.parse(await top(['cpu.pb.gz', '--json', '--by', 'label:thread', '--type', 'samples']));
    assert.deepEqual(json, {
      files: ['cpu.pb.gz'], time: '2023-11-14T22:13:20.000Z', durationSeconds: 10,
      by: 'label:thread', type: 'samples', unit: 'count', total: 4, matched: 4, sortedBy: 'flat', rowCount: 2,
      rows: [
        { name: 'main', file: '', line: 0, flat: 3, cum: 3, flatPercent: 75, cumPercent: 75 },
        { name: 'worker-1', file: '', line: 0, flat: 1, cum: 1, flatPercent: 25, cumPercent: 25 },
      ],
    });
  });

  it('filters, with percentages of the whole', async () => {
    assert.match(await top(['cpu.pb.gz', '--focus', 'json\\.js$']), /Total: 4s\nMatching: 1s \(25\.00%\)[^]*\n +1s {2}25\.00% .*parse/);
    assert.match(await top(['cpu.pb.gz', '--label', 'thread=main', '--cum']), /Matching: 3s[^]*main \/app\/main/);
    assert.match(await top(['cpu.pb.gz', '--focus', 'nothing']), /Matching: 0 \(0%\)[^]*no samples\n$/);
  });

  it('colours on a terminal only, and not with NO_COLOR', async () => {
    assert.ok((await top(['cpu.pb.gz'], { isTTY: true })).includes('\u001b['));
    assert.ok(!(await top(['cpu.pb.gz'], { isTTY: true }, { NO_COLOR: '1' })).includes('\u001b['));
    assert.ok(!(await top(['cpu.pb.gz'])).includes('\u001b['));
  });

  it('refuses what it cannot use, in one line', async () => {
    assert.match(await usageError(), /at least one profile file/);
    assert.match(await usageError('missing.pb.gz'), /missing\.pb\.gz: no such file/);
    assert.match(await usageError('.'), /it is a directory/);
    assert.match(await usageError('broken.pb.gz'), /broken\.pb\.gz: broken gzip/);
    assert.match(await usageError('cpu.pb.gz', 'heap.pb.gz'), /different kinds/);
    assert.match(await usageError('cpu.pb.gz', '--type', 'heap'), /no sample type 'heap'.*samples, cpu/);
    assert.match(await usageError('cpu.pb.gz', '--focus', '('), /--focus is not a regular expression: "\("/);
    assert.match(await usageError('cpu.pb.gz', '--label', 'thread'), /KEY=VALUE/);
    assert.match(await usageError('cpu.pb.gz', '--by', 'label:'), /--by accepts/);
    for (const n of ['0', '-1', '1.5', 'x']) assert.match(await usageError('cpu.pb.gz', `-n${n}`), /-n expects/);
  });
});
