import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Profile } from 'pprof-format';
import { createDatadogBackend } from '../../../../src/delivery/datadog/datadog-backend.ts';
import { encodeForm } from '../../../../src/delivery/datadog/multipart.ts';
import { cpuProfile, heapProfile, outgoingPeriod } from '../../../support/outgoing-period.ts';
import { parseForm } from '../../../support/parse-form.ts';
import { assertValidPprof } from '../../../support/valid-profile.ts';

const agent = { url: new URL('http://127.0.0.1:8126/profiling/v1/input') };

describe('the Datadog backend', () => {
  it('sends the event and one file for each profile', async () => {
    const period = outgoingPeriod({ cpu: cpuProfile(), heap: heapProfile() });
    const request = createDatadogBackend({ endpoint: agent }).encode(period)!;
    assert.equal(request.method, 'POST');
    const parts = await parseForm(request.headers['Content-Type']!, request.body);
    assert.deepEqual(
      parts.map(({ name, fileName, contentType }) => [name, fileName, contentType]),
      [
        ['event', 'event.json', 'application/json'],
        ['cpu.pprof', 'cpu.pprof', 'application/octet-stream'],
        ['heap.pprof', 'heap.pprof', 'application/octet-stream'],
      ],
    );
    for (const { content } of parts.slice(1)) assertValidPprof(content);
  });

  it('says in the event all that joins it with traces', async () => {
    const request = createDatadogBackend({ endpoint: agent }).encode(outgoingPeriod())!;
    const [event] = await parseForm(request.headers['Content-Type']!, request.body);
    const { tags_profiler: tags, ...facts } = JSON.parse(event!.content.toString()) as { tags_profiler: string };
    assert.deepEqual(facts, {
      attachments: ['cpu.pprof'],
      start: '2026-11-18T11:07:40.000Z',
      end: '2026-11-18T11:08:40.000Z',
      family: 'node',
      version: '4',
      endpoint_counts: { 'GET /users/:id': 7 },
      info: {
        application: { service: 'shop', env: 'staging', version: '1.2.3', start_time: '2026-11-18T11:06:40.000Z' },
        platform: { hostname: 'box-7', kernel_name: 'Linux', kernel_release: '6.1', kernel_version: '#1 SMP' },
        profiler: { version: '9.8.7', activation: 'manual', settings: {} },
        runtime: { engine: 'nodejs', version: '24.1.0' },
      },
    });
    assert.deepEqual(Object.fromEntries(tags.split(',').map((tag) => [tag.slice(0, tag.indexOf(':')), tag.slice(tag.indexOf(':') + 1)])), {
      'container.id': 'a'.repeat(64),
      'k8s.pod.name': 'shop-0',
      team: 'checkout',
      service: 'shop',
      env: 'staging',
      version: '1.2.3',
      'runtime-id': '6f1c2a4e-0000-4000-8000-000000000001',
      host: 'box-7',
      language: 'javascript',
      runtime: 'nodejs',
      runtime_arch: 'x64',
      runtime_os: 'linux',
      runtime_version: '24.1.0',
      process_id: '4242',
      profiler_version: '9.8.7',
      format: 'pprof',
      snapshot: 'periodic',
      profile_seq: '3',
    });
  });

  it('names the origin and the container in headers, and the key only for the intake', () => {
    const { headers } = createDatadogBackend({ endpoint: agent }).encode(outgoingPeriod())!;
    assert.deepEqual(
      { ...headers, 'Content-Type': '' },
      {
        'Content-Type': '',
        'DD-EVP-ORIGIN': 'hotspan',
        'DD-EVP-ORIGIN-VERSION': '9.8.7',
        'Datadog-Container-Id': 'a'.repeat(64),
        'Datadog-Entity-ID': `ci-${'a'.repeat(64)}`,
        'Datadog-External-Env': 'it-false,cn-shop',
      },
    );
    const agentless = createDatadogBackend({ endpoint: agent, apiKey: 'secret' }).encode(outgoingPeriod())!;
    assert.equal(agentless.headers['DD-API-KEY'], 'secret');
  });

  it('marks the last profile of a process', async () => {
    const request = createDatadogBackend({ endpoint: agent }).encode(outgoingPeriod(undefined, { last: true }))!;
    const [event] = await parseForm(request.headers['Content-Type']!, request.body);
    assert.match(event!.content.toString(), /snapshot:on_shutdown/);
  });

  it("puts spans and threads under Datadog's labels, ids as 64-bit numbers, and keeps every value", async () => {
    const request = createDatadogBackend({ endpoint: agent }).encode(outgoingPeriod())!;
    const [, cpu] = await parseForm(request.headers['Content-Type']!, request.body);
    const profile = Profile.decode(gunzipSync(cpu!.content));
    const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)]!;
    assert.deepEqual(profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`), ['sample/count', 'cpu/nanoseconds', 'wall/nanoseconds']);
    const labels = profile.sample.map((sample) =>
      Object.fromEntries(sample.label.map((label) => [text(label.key), label.str === 0 ? BigInt.asUintN(64, BigInt(label.num)) : text(label.str)])),
    );
    assert.deepEqual(labels[0], {
      'span id': 0xb7ad6b7169203331n,
      'local root span id': 0xf000000000000001n,
      'trace endpoint': 'GET /users/:id',
      'thread name': 'main',
      tenant: 'acme',
    });
    assert.equal(labels[1]!['span id'], 0xffn);
    assert.deepEqual(labels[2], { 'thread name': 'main' });
    assert.deepEqual(profile.sample.map(({ value }) => value.map(Number)), [[1, 100, 200], [2, 300, 400], [3, 500, 600], [4, 50, 60], [0, 0, 700]]);
  });
});

describe('encodeForm', () => {
  it('survives any content, read by another parser', async () => {
    const file = fc.record(
      {
        name: fc.stringMatching(/^[a-z]{1,8}$/),
        fileName: fc.stringMatching(/^[a-z]{1,8}\.pprof$/),
        contentType: fc.constant('application/octet-stream'),
        content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      },
      { noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), async (files) => {
        const { contentType, body } = encodeForm(files);
        assert.deepEqual(await parseForm(contentType, body), files);
      }),
    );
  });
});
