import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Profile } from 'pprof-format';
import { checkValid } from '../../../src/profile/check-valid.ts';
import { decodeProfile } from '../../../src/profile/decode-profile.ts';
import { encodeProfile } from '../../../src/profile/encode-profile.ts';
import { mergeProfiles } from '../../../src/profile/merge-profiles.ts';
import { buildProfile, flatten, profileArbitrary } from './sample-profile.ts';

const cpuTypes = ['samples/count', 'cpu/nanoseconds'];

/** Slow oracle: adds up the flattened text of all profiles. */
function sumOf(profiles: readonly Profile[]): Map<string, bigint[]> {
  const sums = new Map<string, bigint[]>();
  for (const [key, values] of profiles.flatMap((profile) => [...flatten(profile)])) {
    sums.set(key, values.map((value, i) => value + (sums.get(key)?.[i] ?? 0n)));
  }
  return sums;
}

function withoutZeros(totals: Map<string, bigint[]>): Map<string, bigint[]> {
  return new Map([...totals].filter(([, values]) => values.some((value) => value !== 0n)));
}

function withTimes(timeNanos: number, durationNanos: number): Profile {
  return buildProfile({ types: ['n/count'], samples: [], header: { timeNanos, durationNanos } });
}

describe('mergeProfiles', () => {
  it('adds up equal samples and shares tables', () => {
    const one = buildProfile({ types: cpuTypes, samples: [
      { stack: ['a@x.js', 'main@x.js'], values: [1, 10], labels: { thread: 'main', endpoint: 'GET /' } },
      { stack: ['b@x.js', 'main@x.js'], values: [1, 5] },
    ] });
    const two = buildProfile({ types: cpuTypes, samples: [
      { stack: ['b@x.js', 'main@x.js'], values: [3, 7] },
      { stack: ['a@x.js', 'main@x.js'], values: [2, 20], labels: { endpoint: 'GET /', thread: 'main' } },
    ] });
    // The same lines in both, whatever the order the tables were built in.
    for (const { line } of [...one.location, ...two.location]) for (const entry of line) entry.line = 1;
    const merged = mergeProfiles([one, two]);
    assert.deepEqual(merged.sample.map((sample) => sample.value), [[3, 30], [4, 12]]);
    assert.equal(merged.function.length, 3);
    assert.equal(merged.location.length, 3);
    assert.deepEqual(checkValid(merged), []);
  });

  it('keeps every total, and stays valid, for any profiles', () => {
    // int64 sums may overflow, which no profile can hold; smaller values keep the comparison exact.
    const shrunk = profileArbitrary(cpuTypes).map((profile) => {
      for (const sample of profile.sample) sample.value = sample.value.map((value) => BigInt(value) / 64n);
      return profile;
    });
    fc.assert(fc.property(fc.array(shrunk, { minLength: 1, maxLength: 4 }), (profiles) => {
      const merged = mergeProfiles(profiles);
      assert.deepEqual(checkValid(merged), []);
      assert.deepEqual(withoutZeros(flatten(merged)), withoutZeros(sumOf(profiles)));
      assert.equal(flatten(merged).size, merged.sample.length, 'no stack twice');
      assert.deepEqual(flatten(decodeProfile(encodeProfile(merged))), flatten(merged));
    }));
  });

  it('matches sample types by name and unit, in the order of the first', () => {
    const one = buildProfile({ types: cpuTypes, samples: [{ stack: ['a'], values: [1, 10] }] });
    const two = buildProfile({ types: ['cpu/nanoseconds', 'wall/nanoseconds', 'samples/count'], samples: [{ stack: ['a'], values: [20, 300, 2] }] });
    const merged = mergeProfiles([one, two]);
    assert.deepEqual(merged.sampleType.map(({ type }) => merged.stringTable.strings[Number(type)]), ['samples', 'cpu', 'wall']);
    assert.deepEqual(merged.sample.map((sample) => sample.value), [[3, 30, 300]]);
  });

  it('refuses profiles of different kinds', () => {
    const cpu = buildProfile({ types: cpuTypes, samples: [] });
    const heap = buildProfile({ types: ['inuse_space/bytes'], samples: [] });
    assert.throws(() => mergeProfiles([cpu, heap]), { code: 'HOTSPAN_ERR_PROFILE_MISMATCH', message: /samples\/count.*inuse_space\/bytes/ });
    assert.throws(() => mergeProfiles([]), { code: 'HOTSPAN_ERR_PROFILE_EMPTY' });
  });

  it('counts overlapping time once, consecutive time in full and gaps not at all', () => {
    const span = (...profiles: Profile[]): unknown => {
      const { timeNanos, durationNanos } = mergeProfiles(profiles);
      return [timeNanos, durationNanos];
    };
    assert.deepEqual(span(withTimes(1000, 60), withTimes(1010, 20)), [1000, 60]);
    assert.deepEqual(span(withTimes(1050, 60), withTimes(1000, 60)), [1000, 110]);
    assert.deepEqual(span(withTimes(1000, 60), withTimes(1060, 60)), [1000, 120]);
    assert.deepEqual(span(withTimes(1000, 60), withTimes(9000, 40)), [1000, 100]);
    assert.deepEqual(span(withTimes(0, 60), withTimes(0, 40)), [0, 60]);
  });

  it('keeps each comment once and the first default type', () => {
    const one = buildProfile({ types: cpuTypes, samples: [], header: { comments: ['x', 'y'] } });
    const two = buildProfile({ types: cpuTypes, samples: [], header: { comments: ['y', 'z'], defaultType: 'cpu' } });
    const merged = mergeProfiles([one, two]);
    const text = (index: number | bigint): unknown => merged.stringTable.strings[Number(index)];
    assert.deepEqual(merged.comment.map(text), ['x', 'y', 'z']);
    assert.equal(text(merged.defaultSampleType), 'cpu');
  });

  it('joins a binary that is loaded at different addresses', () => {
    const native = (start: number): Profile => {
      const profile = buildProfile({ types: ['n/count'], samples: [{ stack: ['a'], values: [1] }] });
      const file = profile.stringTable.dedup('/lib/libc.so');
      const location = { id: 1, mappingId: 5, address: start + 0x123, line: [] };
      return Object.assign(profile, new (profile.constructor as typeof Profile)({
        ...profile,
        mapping: [{ id: 5, memoryStart: start, memoryLimit: start + 0x2000, filename: file }],
        location: [location],
      }));
    };
    const merged = mergeProfiles([native(0x7f0000000000), native(0x7e0000000000)]);
    assert.equal(merged.mapping.length, 1);
    assert.deepEqual(merged.location.map(({ address }) => address), [0x7f0000000123]);
    assert.deepEqual(merged.sample.map(({ value }) => value), [[2]]);
  });

  it('leaves its inputs as they were', () => {
    fc.assert(fc.property(profileArbitrary(), (profile) => {
      const before = encodeProfile(profile);
      mergeProfiles([profile, profile]);
      assert.deepEqual(encodeProfile(profile), before);
    }), { numRuns: 30 });
  });
});
