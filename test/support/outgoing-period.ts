import { gzipSync } from 'node:zlib';
import { ValueType, type Profile } from 'pprof-format';
import type { OutgoingPeriod } from '../../src/delivery/backend.ts';
import type { Resource } from '../../src/delivery/resource.ts';
import { buildProfile, type StackSample } from '../unit/profile/sample-profile.ts';

export const testResource: Resource = {
  service: 'shop',
  env: 'staging',
  version: '1.2.3',
  host: 'box-7',
  runtimeId: '6f1c2a4e-0000-4000-8000-000000000001',
  pid: 4242,
  processStartMs: 1_795_000_000_000,
  labels: { team: 'checkout' },
  attributes: { 'container.id': 'a'.repeat(64), 'k8s.pod.name': 'shop-0' },
  entity: { containerId: 'a'.repeat(64), entityId: `ci-${'a'.repeat(64)}`, externalEnv: 'it-false,cn-shop' },
  runtime: { nodeVersion: '24.1.0', arch: 'x64', os: 'linux', kernelName: 'Linux', kernelRelease: '6.1', kernelVersion: '#1 SMP' },
  profilerVersion: '9.8.7',
};

export const cpuTypes = ['samples/count', 'cpu/nanoseconds', 'wall/nanoseconds'];

/** Two spans of one trace, work outside of spans, a repeated stack, and a sample with wall time alone. */
export const cpuSamples: readonly StackSample[] = [
  {
    stack: ['leaf@a.js', 'root@a.js'],
    values: [1, 100, 200],
    labels: {
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
      local_root_span_id: 'f000000000000001',
      endpoint: 'GET /users/:id',
      thread: 'main',
      tenant: 'acme',
    },
  },
  {
    stack: ['leaf@a.js', 'root@a.js'],
    values: [2, 300, 400],
    labels: {
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: '00000000000000ff',
      local_root_span_id: 'f000000000000001',
      endpoint: 'GET /users/:id',
      thread: 'main',
    },
  },
  { stack: ['other@b.js', 'root@a.js'], values: [3, 500, 600], labels: { thread: 'main' } },
  { stack: ['other@b.js', 'root@a.js'], values: [4, 50, 60], labels: { thread: 'main' } },
  { stack: ['waiting@b.js'], values: [0, 0, 700], labels: { thread: 'worker-1' } },
];

export function cpuProfile(samples: readonly StackSample[] = cpuSamples): Profile {
  const header = { timeNanos: 1_795_000_060_000_000_000n, durationNanos: 60_000_000_000 };
  const profile = buildProfile({ types: cpuTypes, samples, header });
  const strings = profile.stringTable;
  profile.periodType = new ValueType({ type: strings.dedup('cpu'), unit: strings.dedup('nanoseconds') });
  profile.period = 10_101_010;
  return profile;
}

export function heapProfile(): Profile {
  const types = ['alloc_objects/count', 'alloc_space/bytes', 'inuse_objects/count', 'inuse_space/bytes'];
  return buildProfile({ types, samples: [{ stack: ['make@a.js'], values: [10, 1000, 5, 500] }] });
}

export function outgoingPeriod(profiles: Partial<Record<'cpu' | 'heap', Profile>> = { cpu: cpuProfile() }, facts: Partial<OutgoingPeriod> = {}): OutgoingPeriod {
  return {
    id: `${testResource.runtimeId}-1795000060000-3`,
    resource: testResource,
    profiles: (['cpu', 'heap'] as const).flatMap((type) => {
      const profile = profiles[type];
      return profile === undefined ? [] : [{ type, bytes: gzipSync(profile.encode()) }];
    }),
    startMs: 1_795_000_060_000,
    endMs: 1_795_000_120_000,
    sequence: 3,
    whole: false,
    last: false,
    endpointCounts: { 'GET /users/:id': 7 },
    ...facts,
  };
}
