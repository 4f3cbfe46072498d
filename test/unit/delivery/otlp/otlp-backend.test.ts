import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Profile } from 'pprof-format';
import { createOtlpBackend } from '../../../../src/delivery/otlp/otlp-backend.ts';
import { decodeOtlpProfiles, type OtlpDictionary, type OtlpProfile, type OtlpRequest } from '../../../support/otlp-profiles.ts';
import { cpuProfile, cpuTypes, heapProfile, outgoingPeriod } from '../../../support/outgoing-period.ts';
import { flatten, profileArbitrary } from '../../profile/sample-profile.ts';

const backend = createOtlpBackend({
  endpoint: { url: new URL('http://127.0.0.1:4318/v1development/profiles') },
  headers: { 'x-tenant': 'a' },
});

const decode = (period = outgoingPeriod()): OtlpRequest => decodeOtlpProfiles(gunzipSync(backend.encode(period)!.body));
const profilesOf = (request: OtlpRequest): OtlpProfile[] => request.resourceProfiles.flatMap(({ scopeProfiles }) => scopeProfiles.flatMap(({ profiles }) => profiles));

describe('the OTLP backend', () => {
  it('sends protobuf, named exactly so, compressed', () => {
    const { method, headers } = backend.encode(outgoingPeriod())!;
    assert.equal(method, 'POST');
    assert.deepEqual(headers, { 'Content-Type': 'application/x-protobuf', 'Content-Encoding': 'gzip', 'x-tenant': 'a' });
  });

  it('makes one profile of each sample type, over one dictionary', () => {
    const request = decode(outgoingPeriod({ cpu: cpuProfile(), heap: heapProfile() }));
    const { stringTable } = request.dictionary;
    const names = profilesOf(request).map(({ sampleType }) => `${stringTable[sampleType.typeStrindex]}/${stringTable[sampleType.unitStrindex]}`);
    assert.deepEqual(names, [...cpuTypes, 'alloc_objects/count', 'alloc_space/bytes', 'inuse_objects/count', 'inuse_space/bytes']);
    const [samples] = profilesOf(request);
    assert.deepEqual([samples!.timeUnixNano, samples!.durationNano, samples!.period], ['1795000060000000000', '60000000000', '10101010']);
    assert.equal(stringTable[samples!.periodType!.typeStrindex], 'cpu');
  });

  it('gives each profile an id of its own, the same whenever it is sent', () => {
    const ids = profilesOf(decode()).map(({ profileId }) => profileId);
    assert.equal(new Set(ids).size, 3);
    assert.ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id)));
    assert.deepEqual(profilesOf(decode()).map(({ profileId }) => profileId), ids);
  });

  it('describes the resource by plain texts', () => {
    const [{ resource, scopeProfiles } = assert.fail()] = decode().resourceProfiles;
    const attributes = Object.fromEntries(resource.attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));
    assert.deepEqual(attributes, {
      team: 'checkout',
      'container.id': 'a'.repeat(64),
      'k8s.pod.name': 'shop-0',
      'service.name': 'shop',
      'service.version': '1.2.3',
      'deployment.environment.name': 'staging',
      'service.instance.id': '6f1c2a4e-0000-4000-8000-000000000001',
      'runtime-id': '6f1c2a4e-0000-4000-8000-000000000001',
      'host.name': 'box-7',
      'host.arch': 'amd64',
      'os.type': 'linux',
      'process.pid': 4242,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': '24.1.0',
    });
    assert.deepEqual(scopeProfiles[0]!.scope, { name: 'hotspan', version: '9.8.7' });
  });

  it('links samples to their span, and puts root span, endpoint and thread into attributes', () => {
    const request = decode();
    const { dictionary } = request;
    const cpu = profilesOf(request)[1]!;
    const seen = cpu.samples.map((sample) => ({ link: dictionary.linkTable[sample.linkIndex], attributes: attributesOf(dictionary, sample.attributeIndices), values: sample.values }));
    const root = { local_root_span_id: 'f000000000000001', endpoint: 'GET /users/:id', 'thread.name': 'main' };
    assert.deepEqual(seen, [
      { link: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }, attributes: { ...root, tenant: 'acme' }, values: ['100'] },
      { link: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '00000000000000ff' }, attributes: root, values: ['300'] },
      { link: { traceId: '0'.repeat(32), spanId: '0'.repeat(16) }, attributes: { 'thread.name': 'main' }, values: ['550'] },
    ]);
  });

  it('says of each frame whether it is JavaScript', () => {
    const { dictionary } = decode();
    for (const location of dictionary.locationTable.slice(1)) {
      assert.deepEqual(attributesOf(dictionary, location.attributeIndices), { 'profile.frame.type': 'v8js' });
    }
  });

  it('has nothing to say about an idle period', () => {
    assert.equal(backend.encode(outgoingPeriod({ cpu: cpuProfile([]) })), undefined);
  });

  it('holds what the format asks of the tables, and every value, for any profile', () => {
    fc.assert(
      fc.property(profileArbitrary(cpuTypes), (profile) => {
        const encoded = backend.encode(outgoingPeriod({ cpu: profile }));
        if (encoded === undefined) {
          assert.ok(profile.sample.every(({ value }) => value.every((each) => BigInt(each) === 0n)));
          return;
        }
        const request = decodeOtlpProfiles(gunzipSync(encoded.body));
        assertTables(request);
        assert.deepEqual(sortedSums(otlpSums(request)), sortedSums(pprofSums(profile)));
      }),
      { numRuns: 100 },
    );
  });
});

function attributesOf(dictionary: OtlpDictionary, indices: readonly number[]): Record<string, string | undefined> {
  return Object.fromEntries(
    indices.map((index) => {
      const { keyStrindex, value } = dictionary.attributeTable[index]!;
      return [dictionary.stringTable[keyStrindex]!, value?.stringValue];
    }),
  );
}

/** Zero values first, no entry twice, no entry without a reference, no reference without an entry, one value a sample. */
function assertTables(request: OtlpRequest): void {
  const { dictionary } = request;
  const referenced = Object.fromEntries(Object.keys(dictionary).map((table) => [table, new Set([0])])) as Record<keyof OtlpDictionary, Set<number>>;
  const refer = (table: keyof OtlpDictionary, index: number): void => {
    assert.ok(index >= 0 && index < dictionary[table].length, `${table}[${index}] of ${dictionary[table].length}`);
    referenced[table].add(index);
  };
  for (const profile of profilesOf(request)) {
    for (const type of [profile.sampleType, ...(profile.periodType === null ? [] : [profile.periodType])]) {
      refer('stringTable', type.typeStrindex);
      refer('stringTable', type.unitStrindex);
    }
    const places = profile.samples.map((sample) => JSON.stringify([sample.stackIndex, sample.attributeIndices, sample.linkIndex]));
    assert.equal(new Set(places).size, places.length, 'equal samples must be one');
    for (const sample of profile.samples) {
      assert.equal(sample.values.length, 1);
      assert.equal(sample.timestampsUnixNano.length, 0);
      refer('stackTable', sample.stackIndex);
      refer('linkTable', sample.linkIndex);
      sample.attributeIndices.forEach((index) => refer('attributeTable', index));
    }
  }
  for (const { locationIndices } of dictionary.stackTable) locationIndices.forEach((index) => refer('locationTable', index));
  for (const location of dictionary.locationTable) {
    refer('mappingTable', location.mappingIndex);
    location.attributeIndices.forEach((index) => refer('attributeTable', index));
    location.lines.forEach(({ functionIndex }) => refer('functionTable', functionIndex));
  }
  for (const fn of dictionary.functionTable) [fn.nameStrindex, fn.systemNameStrindex, fn.filenameStrindex].forEach((index) => refer('stringTable', index));
  for (const attribute of dictionary.attributeTable) refer('stringTable', attribute.keyStrindex);
  for (const [table, entries] of Object.entries(dictionary) as [keyof OtlpDictionary, unknown[]][]) {
    const texts = entries.map((entry) => JSON.stringify(entry));
    assert.equal(new Set(texts).size, texts.length, `${table} has an entry twice`);
    assert.equal(referenced[table].size, entries.length, `${table} has an entry that nobody refers to`);
  }
  assert.equal(dictionary.stringTable[0], '');
  assert.deepEqual(dictionary.linkTable[0], { traceId: '0'.repeat(32), spanId: '0'.repeat(16) });
}

type Sums = Map<string, bigint[]>;

function otlpSums(request: OtlpRequest): Sums {
  const { dictionary } = request;
  const sums: Sums = new Map();
  for (const profile of profilesOf(request)) {
    const column = cpuTypes.findIndex((type) => type.startsWith(`${dictionary.stringTable[profile.sampleType.typeStrindex]}/`));
    for (const { stackIndex, attributeIndices, values } of profile.samples) {
      const frames = dictionary.stackTable[stackIndex]!.locationIndices.map((location) =>
        dictionary.locationTable[location]!.lines.map(({ functionIndex, line }) => {
          const fn = dictionary.functionTable[functionIndex]!;
          return `${dictionary.stringTable[fn.nameStrindex]}@${dictionary.stringTable[fn.filenameStrindex]}:${line}`;
        }).join('<'),
      );
      const labels = Object.entries(attributesOf(dictionary, attributeIndices)).map(([key, value]) => `${key === 'thread.name' ? 'thread' : key}=${value}0`).sort();
      const key = JSON.stringify([frames, labels]);
      const entry = sums.get(key) ?? [0n, 0n, 0n];
      entry[column] = BigInt.asIntN(64, entry[column]! + BigInt(values[0]!));
      sums.set(key, entry);
    }
  }
  return sums;
}

const pprofSums = (profile: Profile): Sums => new Map([...flatten(profile)].map(([key, values]) => [key, values.map((value) => BigInt.asIntN(64, value))]));

const sortedSums = (sums: Sums): [string, string[]][] =>
  [...sums]
    .map(([key, values]): [string, string[]] => [key, values.map(String)])
    .filter(([, values]) => values.some((value) => value !== '0'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
