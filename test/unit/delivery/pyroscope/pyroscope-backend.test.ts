import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { createPyroscopeBackend } from '../../../../src/delivery/pyroscope/pyroscope-backend.ts';
import { cpuProfile, heapProfile, outgoingPeriod } from '../../../support/outgoing-period.ts';
import { assertValidPprof } from '../../../support/valid-profile.ts';
import { flatten } from '../../profile/sample-profile.ts';

interface Push { series: { labels: { name: string; value: string }[]; samples: { ID: string; rawProfile: string }[] }[] }

const backend = createPyroscopeBackend({
  endpoint: { url: new URL('http://127.0.0.1:4040/push.v1.PusherService/Push') },
  headers: { 'X-Scope-OrgID': 'team-a' },
});

function push(period = outgoingPeriod()): { series: Record<string, { labels: Record<string, string>; profiles: Profile[]; ids: string[] }>; headers: Readonly<Record<string, string>> } {
  const request = backend.encode(period)!;
  const { series } = JSON.parse(Buffer.from(request.body).toString()) as Push;
  const decoded = series.map(({ labels, samples }) => {
    const record = Object.fromEntries(labels.map(({ name, value }) => [name, value]));
    const raw = samples.map(({ rawProfile }) => Buffer.from(rawProfile, 'base64'));
    raw.forEach(assertValidPprof);
    return [record['__name__'], { labels: record, profiles: raw.map((bytes) => Profile.decode(gunzipSync(bytes))), ids: samples.map(({ ID }) => ID) }];
  });
  return { series: Object.fromEntries(decoded), headers: request.headers };
}

const typesOf = (profile: Profile): string[] => {
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)]!;
  return [...profile.sampleType, profile.periodType!].map(({ type, unit }) => `${text(type)}/${text(unit)}`);
};

describe('the Pyroscope backend', () => {
  it('makes a series of each kind, under the names that the pages look for', () => {
    const { series, headers } = push(outgoingPeriod({ cpu: cpuProfile(), heap: heapProfile() }));
    assert.deepEqual(Object.keys(series), ['process_cpu', 'wall', 'memory']);
    assert.deepEqual(typesOf(series['process_cpu']!.profiles[0]!), ['samples/count', 'cpu/nanoseconds', 'cpu/nanoseconds']);
    assert.deepEqual(typesOf(series['wall']!.profiles[0]!), ['wall/nanoseconds', 'wall/nanoseconds']);
    assert.deepEqual(typesOf(series['memory']!.profiles[0]!), ['alloc_objects/count', 'alloc_space/bytes', 'inuse_objects/count', 'inuse_space/bytes', 'space/bytes']);
    assert.deepEqual(headers, { 'Content-Type': 'application/json', 'X-Scope-OrgID': 'team-a' });
  });

  it('labels a series with the service and where it runs', () => {
    assert.deepEqual(push().series['wall']!.labels, {
      __name__: 'wall',
      service_name: 'shop',
      service_version: '1.2.3',
      deployment_environment: 'staging',
      hostname: 'box-7',
      pyroscope_spy: 'nodespy',
      team: 'checkout',
      container_id: 'a'.repeat(64),
      k8s_pod_name: 'shop-0',
    });
  });

  it('labels samples with the root span, the trace, endpoint and thread, and with nothing that may have many values', () => {
    const samples = [...flatten(push().series['process_cpu']!.profiles[0]!)];
    assert.deepEqual(samples.map(([key, values]) => [(JSON.parse(key) as [unknown, string[]])[1], values]), [
      [
        ['endpoint=GET /users/:id0', 'span_id=f0000000000000010', 'thread=main0', 'trace_id=0af7651916cd43dd8448eb211c80319c0'],
        [3n, 400n],
      ],
      [['thread=main0'], [7n, 550n]],
    ]);
  });

  it('leaves out what is not used: samples, locations, functions', () => {
    const { series } = push();
    assert.equal(series['wall']!.profiles[0]!.sample.length, 5);
    assert.equal(series['process_cpu']!.profiles[0]!.sample.length, 4);
    assert.equal(series['process_cpu']!.profiles[0]!.location.length, 3);
    assert.equal(series['process_cpu']!.profiles[0]!.function.length, 3);
  });

  it('splits what is more than the server takes, and loses nothing', () => {
    const samples = Array.from({ length: 33_000 }, (_, i) => ({ stack: [`f${i % 100}@a.js`, `g${i % 7}@a.js`], values: [1, 10, 0] }));
    const { profiles, ids } = push(outgoingPeriod({ cpu: cpuProfile(samples) })).series['process_cpu']!;
    assert.ok(profiles.length > 1 && profiles.every(({ sample }) => sample.length <= 16_000));
    assert.equal(new Set(ids).size, profiles.length);
    const total = profiles.flatMap(({ sample }) => sample).reduce((sum, { value }) => sum + Number(value[1]), 0);
    assert.equal(total, 330_000);
  });

  it('splits a profile of long names by its size', () => {
    const samples = Array.from({ length: 2000 }, (_, i) => ({ stack: [`${'long'.repeat(800)}${i}@b.js`, 'root@a.js'], values: [1, 10, 0] }));
    const { profiles } = push(outgoingPeriod({ cpu: cpuProfile(samples) })).series['process_cpu']!;
    assert.deepEqual(profiles.map(({ sample }) => sample.length), [1000, 1000]);
    for (const profile of profiles) assert.ok(profile.encode().length <= 4 * 1024 * 1024);
  });

  it('has nothing to say about an idle period', () => {
    assert.equal(backend.encode(outgoingPeriod({ cpu: cpuProfile([]) })), undefined);
  });
});
