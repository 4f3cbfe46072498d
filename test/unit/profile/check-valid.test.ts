import assert from 'node:assert/strict';
import { Location, Mapping, StringTable, type Profile } from 'pprof-format';
import { checkValid } from '../../../src/profile/check-valid.ts';
import { buildProfile } from './sample-profile.ts';

function valid(): Profile {
  return buildProfile({ types: ['n/count'], samples: [{ stack: ['a', 'b'], values: [1], labels: { k: 'v' } }] });
}

describe('checkValid', () => {
  it('finds nothing in a valid profile', () => {
    assert.deepEqual(checkValid(valid()), []);
  });

  const breakages: [what: string, damage: (profile: Profile) => void, expected: RegExp][] = [
    ['a missing value', (p) => p.sample[0]?.value.pop(), /sample 0 has 0 values for 1 sample types/],
    ['samples without types', (p) => { p.sampleType = []; }, /no sample types/],
    ['an unknown location', (p) => p.sample[0]?.locationId.push(9), /location 9, which does not exist/],
    ['location 0', (p) => p.sample[0]?.locationId.push(0), /location 0, which does not exist/],
    ['an unknown function', (p) => { p.location[0]!.line[0]!.functionId = 9; }, /function 9, which does not exist/],
    ['an unknown mapping', (p) => { p.location[0]!.mappingId = 3; }, /mapping 3, which does not exist/],
    ['a location id twice', (p) => p.location.push(new Location({ id: 1n })), /two locations have id 1/],
    ['a function id of 0', (p) => { p.function[0]!.id = 0; }, /a function has the reserved id 0/],
    ['a mapping id of 0', (p) => p.mapping.push(new Mapping({})), /a mapping has the reserved id 0/],
    ['a first string that is not empty', (p) => { p.stringTable.strings[0] = 'x'; }, /string_table\[0\]/],
    ['no strings', (p) => { p.stringTable = Object.assign(new StringTable(), { strings: [] }); }, /string_table\[0\]/],
    ['a name beyond the strings', (p) => { p.function[0]!.name = 99; }, /a function names string 99/],
    ['a label beyond the strings', (p) => { p.sample[0]!.label[0]!.str = 99; }, /label of sample 0/],
    ['a negative comment', (p) => p.comment.push(-1), /a comment names string -1/],
  ];
  for (const [what, damage, expected] of breakages) {
    it(`finds ${what}`, () => {
      const profile = valid();
      damage(profile);
      assert.match(checkValid(profile).join('\n'), expected);
    });
  }

  it('stops at 20 problems', () => {
    const profile = valid();
    for (let i = 0; i < 100; i++) profile.sample[0]?.locationId.push(1000 + i);
    assert.equal(checkValid(profile).length, 20);
  });
});
