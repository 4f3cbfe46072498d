import { type FinishedSpan, nanoseconds, parentIdOf, type Scope } from './span-shape.ts';

/**
 * `ExportTraceServiceRequest` in OTLP's JSON form: ids in hex, 64-bit integers as text.
 * Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function encodeOtlpSpans(spans: readonly FinishedSpan[], resource: Readonly<Record<string, string | number>>): Uint8Array {
  const byScope = new Map<string, { scope: Scope; spans: object[] }>();
  for (const span of spans) {
    const { name, version } = span.instrumentationScope ?? span.instrumentationLibrary ?? { name: 'unknown' };
    const key = JSON.stringify([name, version]);
    let entry = byScope.get(key);
    if (entry === undefined) byScope.set(key, (entry = { scope: { name, ...(version === undefined ? {} : { version }) }, spans: [] }));
    entry.spans.push(encodeSpan(span));
  }
  const request = { resourceSpans: [{ resource: { attributes: encodeAttributes(resource) }, scopeSpans: [...byScope.values()] }] };
  return Buffer.from(JSON.stringify(request));
}

function encodeSpan(span: FinishedSpan): object {
  const { traceId, spanId, traceState, traceFlags } = span.spanContext();
  return {
    traceId,
    spanId,
    parentSpanId: parentIdOf(span),
    traceState: traceState?.serialize(),
    flags: traceFlags,
    name: span.name,
    // The wire counts from 1, 0 is "unspecified".
    kind: span.kind + 1,
    startTimeUnixNano: String(nanoseconds(span.startTime)),
    endTimeUnixNano: String(nanoseconds(span.endTime)),
    attributes: encodeAttributes(span.attributes),
    events: span.events.map(({ name, time, attributes = {} }) => ({
      name,
      timeUnixNano: String(nanoseconds(time)),
      attributes: encodeAttributes(attributes),
    })),
    links: span.links.map(({ context, attributes = {} }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      attributes: encodeAttributes(attributes),
    })),
    status: { code: span.status.code, message: span.status.message },
  };
}

function encodeAttributes(attributes: Readonly<Record<string, unknown>>): object[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    const encoded = encodeValue(value);
    return encoded === undefined ? [] : [{ key, value: encoded }];
  });
}

function encodeValue(value: unknown): object | undefined {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    case 'object':
      return Array.isArray(value) ? { arrayValue: { values: value.flatMap((each) => encodeValue(each) ?? []) } } : undefined;
    default:
      return undefined;
  }
}
