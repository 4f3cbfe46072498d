import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { Profile } from 'pprof-format';
import { checkValid } from '../../../src/profile/check-valid.ts';
import { decodeProfile } from '../../../src/profile/decode-profile.ts';
import { encodeProfile, gzipProfile, gzipProfileSync } from '../../../src/profile/encode-profile.ts';
import { ProfileError } from '../../../src/profile/profile-error.ts';
import { buildProfile, flatten, profileArbitrary } from './sample-profile.ts';

const small = buildProfile({
  types: ['samples/count', 'cpu/nanoseconds'],
  samples: [{ stack: ['leaf@a.js', 'root@b.js'], values: [2, 5n], labels: { thread: 'main' } }],
  header: { timeNanos: 1_700_000_000_123_456_789n, durationNanos: 10_000_000_000, comments: ['hello'] },
});

/** Whether it decodes; any error but a one-line ProfileError fails the test. */
function decodes(bytes: Uint8Array, maxHeld?: number): boolean {
  try {
    assert.deepEqual(checkValid(decodeProfile(bytes, maxHeld)), []);
    return true;
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    assert.match(error.code, /^HOTSPAN_ERR_PROFILE_(EMPTY|CORRUPT)$/);
    assert.doesNotMatch(error.message, /[\r\n]/);
    return false;
  }
}

describe('decodeProfile', () => {
  it('returns what was encoded, raw and gzipped', async () => {
    for (const bytes of [encodeProfile(small), gzipProfileSync(small), await gzipProfile(small)]) {
      const decoded = decodeProfile(bytes);
      assert.deepEqual(flatten(decoded), flatten(small));
      assert.equal(decoded.timeNanos, 1_700_000_000_123_456_789n);
      assert.equal(decoded.durationNanos, 10_000_000_000);
      assert.deepEqual(decoded.stringTable.strings, small.stringTable.strings);
    }
  });

  it('keeps every profile through decode and encode', () => {
    fc.assert(fc.property(profileArbitrary(), (profile) => {
      const bytes = encodeProfile(profile);
      const decoded = decodeProfile(bytes);
      assert.deepEqual(flatten(decoded), flatten(profile));
      assert.deepEqual(Buffer.from(encodeProfile(decoded)), Buffer.from(bytes));
    }));
  });

  describe('of small files that become large', () => {
    const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))]);
    const field = (number: number, body: Uint8Array): Buffer => Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(body.length)]), body]);
    const head = Buffer.concat([field(1, Buffer.from([8, 1, 16, 1])), field(6, Buffer.alloc(0)), field(6, Buffer.from('a'))]);
    const repeated = (bytes: readonly number[], size: number): Buffer => Buffer.alloc(size, Buffer.from(bytes));
    const bombs: Readonly<Record<string, Buffer>> = {
      'samples without a value': repeated([0x12, 0x00], 6e6),
      'samples of one value': repeated([0x12, 0x02, 16, 1], 6e6),
      'locations without an id': repeated([0x22, 0x00], 6e6),
      'functions without an id': repeated([0x2a, 0x00], 6e6),
      'mappings without an id': repeated([0x1a, 0x00], 6e6),
      'empty strings': repeated([0x32, 0x00], 6e6),
      'labels of one sample': field(2, Buffer.concat([Buffer.from([16, 1]), repeated([0x1a, 0x02, 8, 1], 6e6)])),
      'lines of one location': field(4, repeated([0x22, 0x00], 6e6)),
      comments: field(13, repeated([1], 6e6)),
    };
    for (const [name, body] of Object.entries(bombs)) {
      it(`refuses in one line, and without holding them all, many ${name}`, () => {
        assert.equal(decodes(gzipSync(Buffer.concat([head, body]), { level: 1 }), 10e6), false);
      });
    }

    it('takes a million comments', () => {
      assert.equal(decodes(Buffer.concat([head, field(13, repeated([1], 1e6))])), true);
    });
  });

  it('agrees with the decoder of pprof-format', () => {
    fc.assert(fc.property(profileArbitrary(['n/count']), (profile) => {
      const bytes = encodeProfile(profile);
      const unsigned = (text: bigint[]): bigint[] => text.map((value) => BigInt.asIntN(64, value));
      const theirs = new Map(Array.from(flatten(Profile.decode(bytes)), ([key, values]) => [key, unsigned(values)]));
      const ours = new Map(Array.from(flatten(decodeProfile(bytes)), ([key, values]) => [key, unsigned(values)]));
      assert.deepEqual(ours, theirs);
    }));
  });

  it('skips unknown fields of every wire type', () => {
    const unknown = [
      [0x98, 0x06, 0x2a], // field 99, varint
      [0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8], // field 99, 64 bits
      [0x9a, 0x06, 3, 0xff, 0xff, 0xff], // field 99, bytes
      [0x9d, 0x06, 1, 2, 3, 4], // field 99, 32 bits
    ].flat();
    assert.deepEqual(flatten(decodeProfile(Uint8Array.from([...unknown, ...encodeProfile(small), ...unknown]))), flatten(small));
  });

  it('reads repeated numbers that are not packed', () => {
    const tail = [0x12, 8, 0x08, 1, 0x08, 2, 0x10, 7, 0x10, 9]; // a sample: location_id 1 and 2, value 7 and 9
    const decoded = decodeProfile(Uint8Array.from([...encodeProfile(small), ...tail]));
    assert.deepEqual(decoded.sample[1]?.locationId, [1, 2]);
    assert.deepEqual(decoded.sample[1]?.value, [7, 9]);
  });

  it('refuses every truncation of gzip, and of protobuf inside a message', () => {
    const zipped = gzipProfileSync(small);
    for (let length = 0; length < zipped.length; length++) assert.equal(decodes(zipped.subarray(0, length)), false);
    const raw = encodeProfile(small);
    // A cut between two messages leaves well-formed protobuf; the tables then miss what the rest refers to.
    const survivors = Array.from(raw, (_, length) => length).filter((length) => decodes(raw.subarray(0, length)));
    assert.ok(survivors.every((length) => length > raw.length - 40), `accepted cuts at ${survivors.join()}`);
  });

  it('says what is wrong', () => {
    const code = (bytes: Uint8Array): unknown => {
      try {
        return decodeProfile(bytes);
      } catch (error) {
        return error instanceof ProfileError ? `${error.code} ${error.message}` : error;
      }
    };
    assert.match(String(code(new Uint8Array())), /^HOTSPAN_ERR_PROFILE_EMPTY /);
    assert.match(String(code(gzipSync(new Uint8Array()))), /^HOTSPAN_ERR_PROFILE_EMPTY /);
    assert.match(String(code(Buffer.from('hello world, this is no profile'))), /^HOTSPAN_ERR_PROFILE_CORRUPT not a pprof/);
    assert.match(String(code(Buffer.from('{"nodes":[]}'))), /^HOTSPAN_ERR_PROFILE_CORRUPT /);
    assert.match(String(code(Buffer.from([0x1f, 0x8b, 8, 0]))), /^HOTSPAN_ERR_PROFILE_CORRUPT broken gzip/);
    const dangling = buildProfile({ types: ['n/count'], samples: [{ stack: ['a'], values: [1] }] });
    dangling.sample[0]?.locationId.push(77);
    assert.match(String(code(encodeProfile(dangling))), /malformed profile: sample 0 names location 77/);
  });

  it('never throws anything else on random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => { decodes(bytes); }), { numRuns: 2000 });
  });

  it('never throws anything else on damaged profiles', () => {
    const damage = fc.array(fc.record({ at: fc.nat(), value: fc.nat(255), kind: fc.constantFrom('set', 'insert', 'drop') }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(profileArbitrary(), damage, fc.boolean(), (profile, edits, zipped) => {
      const bytes = [...encodeProfile(profile)];
      for (const { at, value, kind } of edits) {
        bytes.splice(at % bytes.length, kind === 'insert' ? 0 : 1, ...(kind === 'drop' ? [] : [value]));
      }
      const damaged = Uint8Array.from(bytes);
      decodes(zipped ? gzipSync(damaged) : damaged);
    }), { numRuns: 2000 });
  });
});
