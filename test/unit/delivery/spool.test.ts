import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { OutgoingPeriod } from '../../../src/delivery/backend.ts';
import { isOwnerAlive, ownOwner } from '../../../src/delivery/file-owner.ts';
import { decodePeriodFile, encodePeriodFile } from '../../../src/delivery/period-file.ts';
import { Spool } from '../../../src/delivery/spool.ts';
import { outgoingPeriod } from '../../support/outgoing-period.ts';

let root: string;
let directory: string;
/** Of each test of a suite that calls this. */
function useFreshRoot(): void {
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hotspan-spool-'));
    directory = join(root, 'service');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
}

const dayMs = 24 * 3_600_000;
const open = (maxBytes = 1024 * 1024): Spool => new Spool({ directory, maxBytes, maxAgeMs: dayMs });
const period = (sequence: number, endMs = Date.now()): OutgoingPeriod => outgoingPeriod(undefined, { id: `run-${sequence}`, sequence, endMs });

/** A process of this machine that has ended: our own id with another start. */
const deadOwner = `${ownOwner.replace(/-\d+$/, '')}-1`;

function handOver(from: string, to: string): void {
  for (const name of readdirSync(directory)) renameSync(join(directory, name), join(directory, name.replace(from, to)));
}

describe('Spool', () => {
  useFreshRoot();
  it('gives back what was put, and nothing after it is removed', async () => {
    const spool = open();
    const given = period(1);
    const entry = await spool.put(given);
    assert.deepEqual(await spool.read(entry), decodePeriodFile(encodePeriodFile(given)));
    await spool.remove(entry);
    assert.deepEqual(readdirSync(directory), []);
    assert.equal(await spool.read(entry), undefined);
  });

  it('is for the eyes of its owner', async () => {
    await open().put(period(1));
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    for (const name of readdirSync(directory)) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600);
  });

  it('refuses a link in the place of its directory', async () => {
    symlinkSync(tmpdir(), directory);
    await assert.rejects(open().put(period(1)), /is not a directory of this user/);
    assert.throws(() => open().putSync(period(1)), /is not a directory of this user/);
  });

  it('does not adopt what a living process holds, itself included', async () => {
    const spool = open();
    await spool.put(period(1));
    assert.deepEqual((await spool.scan()).adopted, []);
    handOver(ownOwner, `${ownOwner.split('-')[0]}-${process.ppid}-0`); // the parent lives
    assert.deepEqual((await open().scan()).adopted, []);
  });

  it('adopts what an ended process left, once', async () => {
    await open().put(period(1));
    open().putSync(period(2));
    handOver(ownOwner, deadOwner);
    const [one, other] = [open(), open()];
    const { adopted } = await one.scan();
    assert.deepEqual(adopted.map(({ name }) => name.slice(-5)).sort(), ['run-1', 'run-2']);
    assert.equal((await one.scan()).adopted.length, 0);
    for (const entry of adopted) assert.ok(await one.read(entry));
    handOver(ownOwner, deadOwner);
    const both = await Promise.all([one, other].map((spool) => spool.scan()));
    assert.equal(both.flatMap((scan) => scan.adopted).length, 2);
  });

  it('does not send again what was sent in full when its process ended', async () => {
    const spool = open();
    await spool.markSent(await spool.put(period(1)));
    handOver(ownOwner, deadOwner);
    assert.deepEqual((await open().scan()).adopted, []);
    assert.deepEqual(readdirSync(directory), []);
  });

  it('takes back a mark', async () => {
    const spool = open();
    const entry = await spool.put(period(1));
    await spool.markSent(entry);
    await spool.markHeld(entry);
    assert.ok(await spool.read(entry));
  });

  it('drops the oldest first when there is too much, and what is too old', async () => {
    const bytes = encodePeriodFile(period(1)).length;
    const spool = open(bytes * 2.5);
    const now = Date.now();
    for (const [sequence, ageMs] of [[1, 3000], [2, 2000], [3, 1000]] as const) await spool.put(period(sequence, now - ageMs));
    const full = await spool.scan(now);
    assert.deepEqual(full.dropped.map(({ name }) => name.slice(-5)), ['run-1']);
    assert.ok(full.totalBytes <= bytes * 2.5);
    assert.deepEqual((await spool.scan(now + dayMs - 1500)).dropped.map(({ name }) => name.slice(-5)), ['run-2']);
  });

  it('refuses a period larger than itself', async () => {
    await assert.rejects(open(10).put(period(1)), /more than the spool may hold/);
  });

  it('reads over files that are broken, cut short or of others', async () => {
    const spool = open();
    const entry = await spool.put(period(1));
    const [name] = readdirSync(directory);
    writeFileSync(join(directory, name!), 'not a period');
    writeFileSync(join(directory, 'README'), 'hello');
    writeFileSync(join(directory, `1-x.tmp.${deadOwner}`), 'half');
    assert.equal(await spool.read(entry), undefined);
    await spool.scan();
    assert.deepEqual(readdirSync(directory), ['README']);
    utimesSync(join(directory, 'README'), 0, 0);
    assert.deepEqual((await spool.scan()).dropped, []);
  });
});

describe('a period as a file', () => {
  useFreshRoot();
  it('comes back as it was, and is refused when any byte is missing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 2 }), fc.nat(), (profiles, cut) => {
        const given: OutgoingPeriod = {
          ...outgoingPeriod(),
          profiles: profiles.map((bytes, i) => ({ type: i === 0 ? 'cpu' : 'heap', bytes })),
        };
        const content = encodePeriodFile(given);
        const back = decodePeriodFile(content)!;
        assert.deepEqual({ ...back, profiles: back.profiles.map(({ type, bytes }) => ({ type, bytes: Uint8Array.from(bytes) })) }, given);
        assert.equal(decodePeriodFile(content.subarray(0, cut % content.length)), undefined);
      }),
    );
  });
});

describe('isOwnerAlive', () => {
  useFreshRoot();
  it('knows itself, an ended process, and that it cannot see other machines', () => {
    assert.equal(isOwnerAlive(ownOwner), true);
    assert.equal(isOwnerAlive(deadOwner), false);
    assert.equal(isOwnerAlive('00000000-1-1'), undefined);
    assert.equal(isOwnerAlive('nonsense'), false);
  });
});
