import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Function, Line, Location, Profile, Sample, StringTable, ValueType } from 'pprof-format';
import { topTable } from '../../../src/analyze/top.ts';
import { collectProfiles } from '../../../src/delivery/collect-profiles.ts';
import { gzipProfile } from '../../../src/profile/encode-profile.ts';
import { readProfile } from '../../../src/profile/read-profile.ts';

function profileOf(name: string, cpuNs: number): Profile {
  const stringTable = new StringTable();
  return new Profile({
    sampleType: [new ValueType({ type: stringTable.dedup('cpu'), unit: stringTable.dedup('nanoseconds') })],
    function: [new Function({ id: 1, name: stringTable.dedup(name) })],
    location: [new Location({ id: 1, line: [new Line({ functionId: 1, line: 1 })] })],
    sample: [new Sample({ locationId: [1], value: [cpuNs] })],
    stringTable,
  });
}

describe('collectProfiles', () => {
  let output: string;
  let incoming: string;
  beforeEach(async () => {
    output = await mkdtemp(join(tmpdir(), 'hotspan-collect-'));
    incoming = join(output, '.run');
    await mkdir(incoming);
  });
  afterEach(() => rm(output, { recursive: true }));

  const put = async (file: string, name: string, cpuNs: number): Promise<void> =>
    writeFile(join(incoming, file), await gzipProfile(profileOf(name, cpuNs)));
  const costs = async (file: string): Promise<Record<string, number>> =>
    Object.fromEntries(topTable(await readProfile(join(output, file))).rows.map(({ name, flat }) => [name, flat]));

  it('gives nothing for nothing', async () => {
    assert.deepEqual(await collectProfiles({ incoming, output }), { collected: [], skipped: [] });
  });

  it('joins the files of one process, and all processes, each type by itself', async () => {
    await put('cpu-20.pb.gz', 'a', 1);
    await put('cpu-20-1.pb.gz', 'b', 2);
    await put('cpu-9.pb.gz', 'a', 4);
    await put('heap-9.pb.gz', 'h', 8);
    const { collected, skipped } = await collectProfiles({ incoming, output });
    assert.deepEqual(skipped, []);
    assert.deepEqual(collected.map(({ type }) => type), ['cpu', 'heap']);
    assert.deepEqual(collected[0]?.processPaths, [join(output, 'cpu-9.pb.gz'), join(output, 'cpu-20.pb.gz')]);
    assert.deepEqual(await costs('cpu-20.pb.gz'), { a: 1, b: 2 });
    assert.deepEqual(await costs('cpu-9.pb.gz'), { a: 4 });
    assert.deepEqual(await costs('cpu.pb.gz'), { a: 5, b: 2 });
    assert.deepEqual(await costs('heap.pb.gz'), { h: 8 });
  });

  it('writes for the eyes of the owner only', async () => {
    await put('cpu-20.pb.gz', 'a', 1);
    await put('cpu-20-1.pb.gz', 'b', 2);
    await collectProfiles({ incoming, output });
    for (const file of ['cpu.pb.gz', 'cpu-20.pb.gz']) {
      assert.equal((await stat(join(output, file))).mode & 0o777, 0o600, file);
    }
  });

  it('skips what is half-written and uses the rest', async () => {
    const whole = await gzipProfile(profileOf('lost', 1));
    await writeFile(join(incoming, 'cpu-1.pb.gz'), whole.subarray(0, whole.length - 12));
    await writeFile(join(incoming, 'cpu-2.pb.gz'), '');
    await writeFile(join(incoming, 'cpu-3.pb.gz.tmp'), whole);
    await put('cpu-4.pb.gz', 'kept', 3);
    const { collected, skipped } = await collectProfiles({ incoming, output });
    assert.equal(skipped.length, 3);
    for (const pid of [1, 2, 3]) assert.ok(skipped.some((what) => what.startsWith(`cpu-${pid}.pb.gz`)), String(pid));
    assert.deepEqual(collected[0]?.processPaths, [join(output, 'cpu-4.pb.gz')]);
    assert.deepEqual(await costs('cpu.pb.gz'), { kept: 3 });
  });

  it('replaces the files of an earlier run with the same process id', async () => {
    await writeFile(join(output, 'cpu-5.pb.gz'), 'old');
    await writeFile(join(output, 'cpu.pb.gz'), 'old');
    await put('cpu-5.pb.gz', 'new', 1);
    await collectProfiles({ incoming, output });
    assert.deepEqual(await costs('cpu-5.pb.gz'), { new: 1 });
    assert.deepEqual(await costs('cpu.pb.gz'), { new: 1 });
  });
});
