import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';

/** Asserts what pprof's format asks of every profile: unique ids, no dangling reference, one value per sample type. */
export function assertValidPprof(gzipped: Uint8Array): void {
  const profile = Profile.decode(gunzipSync(gzipped));
  const { strings } = profile.stringTable;
  const text = (index: number | bigint, what: string): string => {
    const value = strings[Number(index)];
    assert.ok(value !== undefined, `${what} names string ${index} of ${strings.length}`);
    return value;
  };
  assert.equal(strings[0], '', 'the first string must be empty');
  assert.ok(profile.sampleType.length > 0, 'no sample types');
  const types = profile.sampleType.map((type) => `${text(type.type, 'a type')}/${text(type.unit, 'a unit')}`);
  assert.equal(new Set(types).size, types.length, `sample types repeat: ${types.join(', ')}`);

  const mappings = uniqueIds(profile.mapping, 'mapping');
  const functions = uniqueIds(profile.function, 'function');
  const locations = uniqueIds(profile.location, 'location');
  for (const fn of profile.function) {
    assert.notEqual(text(fn.name, 'a function'), '', `function ${fn.id} has no name`);
    text(fn.filename, `function ${fn.id}`);
  }
  for (const location of profile.location) {
    const mapping = Number(location.mappingId);
    assert.ok(mapping === 0 || mappings.has(mapping), `location ${location.id} names mapping ${mapping}`);
    assert.ok(location.line.length > 0 || Number(location.address) > 0, `location ${location.id} is empty`);
    for (const { functionId, line } of location.line) {
      assert.ok(functions.has(Number(functionId)), `location ${location.id} names function ${functionId}`);
      assert.ok(Number(line) >= 0 && Number(line) < 2 ** 30, `location ${location.id} has line ${line}`);
    }
  }
  for (const sample of profile.sample) {
    assert.equal(sample.value.length, types.length, 'a sample must have one value per type');
    assert.ok(sample.value.every((value) => BigInt(value) >= 0n), `negative value: ${sample.value.join(', ')}`);
    assert.ok(sample.locationId.length > 0, 'a sample has no stack');
    for (const id of sample.locationId) assert.ok(locations.has(Number(id)), `a sample names location ${id}`);
    for (const { key, str } of sample.label) {
      assert.notEqual(text(key, 'a label'), '', 'a label has no key');
      text(str, 'a label');
    }
  }
}

function uniqueIds(entries: readonly { id: number | bigint }[], what: string): Set<number> {
  const ids = new Set(entries.map((entry) => Number(entry.id)));
  assert.equal(ids.size, entries.length, `${what} ids repeat`);
  assert.ok(!ids.has(0), `${what} id 0 means "none"`);
  return ids;
}
