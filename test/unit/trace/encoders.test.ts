import assert from 'node:assert/strict';
import { decode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { createDatadogPropagator } from '../../../src/trace/datadog-propagator.ts';
import { encodeDatadogSpans } from '../../../src/trace/datadog-spans.ts';
import { encodeMsgpack, type Packable } from '../../../src/trace/msgpack-writer.ts';
import { encodeOtlpSpans } from '../../../src/trace/otlp-spans.ts';
import { SpanBuffer } from '../../../src/trace/span-buffer.ts';
import type { FinishedSpan } from '../../../src/trace/span-shape.ts';
import { testResource } from '../../support/outgoing-period.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

function span(facts: Partial<FinishedSpan> & { id?: string; sampled?: boolean } = {}): FinishedSpan {
  const { id = 'b7ad6b7169203331', sampled = true, ...rest } = facts;
  return {
    name: 'GET',
    kind: 1,
    spanContext: () => ({ traceId, spanId: id, traceFlags: Number(sampled) }),
    startTime: [1_795_000_000, 5],
    endTime: [1_795_000_001, 0],
    status: { code: 0 },
    attributes: { 'http.request.method': 'GET', 'http.route': '/users/:id', 'http.response.status_code': 200 },
    events: [],
    links: [],
    instrumentationScope: { name: 'http', version: '1' },
    ...rest,
  };
}

describe('encodeMsgpack', () => {
  it('says what another decoder reads', () => {
    // The other decoder refuses this key, lest it becomes a prototype.
    const key = fc.string().filter((name) => name !== '__proto__');
    const leaf = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null), fc.string({ minLength: 300, maxLength: 70_000 }));
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('any'), { maxLength: 40 }), fc.dictionary(key, tie('any'), { maxKeys: 20, noNullPrototype: true })),
    })).any as fc.Arbitrary<Packable>;
    fc.assert(fc.property(value, (given) => assert.deepEqual(decode(encodeMsgpack(given)), withoutNegativeZero(given))), { numRuns: 100 });
  });

  it('keeps 64-bit integers', () => {
    for (const given of [0n, 2n ** 64n - 1n, -(2n ** 63n), 1n]) assert.equal(BigInt(decode(encodeMsgpack(given), { useBigInt64: true }) as bigint), given);
  });
});

/** JSON-like values have one zero; MessagePack's integers, too. */
function withoutNegativeZero(value: Packable): Packable {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (Array.isArray(value)) return (value as Packable[]).map(withoutNegativeZero);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutNegativeZero(each)]));
}

describe('encodeDatadogSpans', () => {
  it('makes traces of spans, with every field that the Agent and the joins with profiles need', () => {
    const child = span({ id: '00000000000000ff', kind: 2, name: 'charge', parentSpanContext: { traceId, spanId: 'b7ad6b7169203331' }, attributes: { 'db.system': 'redis' }, status: { code: 2, message: 'down' } });
    const { body, traceCount } = encodeDatadogSpans([span(), child], testResource);
    assert.equal(traceCount, 1);
    const [trace] = decode(body, { useBigInt64: true }) as Record<string, unknown>[][];
    const common = { 'runtime-id': testResource.runtimeId, language: 'javascript', env: 'staging', version: '1.2.3' };
    assert.deepEqual(trace, [
      {
        trace_id: 0x8448eb211c80319cn,
        span_id: 0xb7ad6b7169203331n,
        parent_id: 0n,
        service: 'shop',
        name: 'http.server.request',
        resource: 'GET /users/:id',
        type: 'web',
        start: 1_795_000_000_000_000_005n,
        duration: 999_999_995n,
        error: 0,
        meta: { ...common, 'http.request.method': 'GET', 'http.route': '/users/:id', 'span.kind': 'server', 'http.status_code': '200', '_dd.p.tid': '0af7651916cd43dd' },
        metrics: { 'http.response.status_code': 200, '_dd.top_level': 1, _sampling_priority_v1: 1, process_id: 4242 },
      },
      {
        trace_id: 0x8448eb211c80319cn,
        span_id: 0xffn,
        parent_id: 0xb7ad6b7169203331n,
        service: 'shop',
        name: 'redis.query',
        resource: 'charge',
        type: 'db',
        start: 1_795_000_000_000_000_005n,
        duration: 999_999_995n,
        error: 1,
        meta: { ...common, 'db.system': 'redis', 'span.kind': 'client', 'error.type': 'Error', 'error.message': 'down', 'error.stack': '' },
        metrics: {},
      },
    ]);
  });
});

describe('encodeOtlpSpans', () => {
  it('follows the JSON form of OTLP', () => {
    const given = span({ parentSpanContext: { traceId, spanId: '00000000000000ff' }, attributes: { a: 'b', n: 1, d: 1.5, t: true, l: ['x', 2], u: undefined } });
    assert.deepEqual(JSON.parse(Buffer.from(encodeOtlpSpans([given], { 'service.name': 'shop', 'process.pid': 1 })).toString()), {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }, { key: 'process.pid', value: { intValue: '1' } }] },
          scopeSpans: [
            {
              scope: { name: 'http', version: '1' },
              spans: [
                {
                  traceId,
                  spanId: 'b7ad6b7169203331',
                  parentSpanId: '00000000000000ff',
                  flags: 1,
                  name: 'GET',
                  kind: 2,
                  startTimeUnixNano: '1795000000000000005',
                  endTimeUnixNano: '1795000001000000000',
                  attributes: [
                    { key: 'a', value: { stringValue: 'b' } },
                    { key: 'n', value: { intValue: '1' } },
                    { key: 'd', value: { doubleValue: 1.5 } },
                    { key: 't', value: { boolValue: true } },
                    { key: 'l', value: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '2' }] } } },
                  ],
                  events: [],
                  links: [],
                  status: { code: 0 },
                },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe('SpanBuffer', () => {
  it('hands over all that was sampled, in groups, and nothing twice', () => {
    const groups: number[] = [];
    const buffer = new SpanBuffer((spans) => groups.push(spans.length));
    for (let i = 0; i < 1030; i++) buffer.onEnd(span({ sampled: i < 1025 }));
    buffer.flush();
    buffer.flush();
    assert.deepEqual(groups, [512, 512, 1]);
  });

  it('lets no span of the app fail for a delivery that throws, and says what was lost', () => {
    const lost: unknown[] = [];
    const failure = new Error('cannot be encoded');
    const buffer = new SpanBuffer(() => {
      throw failure;
    }, (error) => lost.push(error));
    for (let i = 0; i < 512; i++) buffer.onEnd(span({ sampled: true }));
    buffer.onEnd(span({ sampled: true }));
    buffer.flush();
    assert.deepEqual(lost, [failure, failure]);
  });
});

describe("Datadog's propagation", () => {
  type Context = { traceId: string; spanId: string; traceFlags: number } | undefined;
  const propagator = createDatadogPropagator({
    trace: { getSpanContext: (context) => context as Context, setSpanContext: (_, spanContext) => spanContext },
  }) as { inject(context: Context, carrier: object, setter: object): void; extract(context: Context, carrier: object, getter: object): Context };
  const setter = { set: (carrier: Record<string, string>, key: string, value: string) => (carrier[key] = value) };
  const getter = { get: (carrier: Record<string, string>, key: string) => carrier[key] };

  it('brings back what it sent', () => {
    const hex = (length: number): fc.Arbitrary<string> => fc.bigInt(1n, 2n ** BigInt(length * 4) - 1n).map((id) => id.toString(16).padStart(length, '0'));
    fc.assert(
      fc.property(hex(16), hex(16), hex(16), fc.constantFrom(0, 1), (upper, lower, spanId, traceFlags) => {
        const headers = {};
        propagator.inject({ traceId: upper + lower, spanId, traceFlags }, headers, setter);
        assert.deepEqual(propagator.extract(undefined, headers, getter), { traceId: upper + lower, spanId, traceFlags, isRemote: true });
      }),
    );
  });

  it("leaves alone what is no id, and what W3C's headers said", () => {
    for (const id of ['', '0', '-1', 'abc', '18446744073709551616', '1e3']) {
      assert.equal(propagator.extract(undefined, { 'x-datadog-trace-id': id, 'x-datadog-parent-id': '1' }, getter), undefined, id);
    }
    const known = { traceId, spanId: 'b7ad6b7169203331', traceFlags: 1 };
    assert.equal(propagator.extract(known, { 'x-datadog-trace-id': '5', 'x-datadog-parent-id': '6' }, getter), known);
  });
});
