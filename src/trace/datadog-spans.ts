import type { Resource } from '../delivery/resource.ts';
import { encodeMsgpack, type Packable } from './msgpack-writer.ts';
import { type FinishedSpan, isLocalRoot, nanoseconds, parentIdOf } from './span-shape.ts';

export interface EncodedTraces {
  readonly body: Uint8Array;
  readonly traceCount: number;
}

/** Spans for the Datadog Agent's `/v0.4/traces`: a list of traces, each a list of spans. */
export function encodeDatadogSpans(spans: readonly FinishedSpan[], resource: Resource): EncodedTraces {
  const traces = new Map<string, FinishedSpan[]>();
  for (const span of spans) {
    const { traceId } = span.spanContext();
    const trace = traces.get(traceId);
    if (trace === undefined) traces.set(traceId, [span]);
    else trace.push(span);
  }
  const body = encodeMsgpack([...traces.values()].map((trace) => trace.map((span, index) => datadogSpan(span, index === 0, resource))));
  return { body, traceCount: traces.size };
}

function datadogSpan(span: FinishedSpan, isFirst: boolean, resource: Resource): Packable {
  const { traceId, spanId } = span.spanContext();
  const startNs = nanoseconds(span.startTime);
  const { meta, metrics } = splitAttributes(span.attributes);
  const isRoot = isLocalRoot(span);
  const isError = span.status.code === 2;
  return {
    trace_id: BigInt(`0x${traceId.slice(-16)}`),
    span_id: BigInt(`0x${spanId}`),
    parent_id: BigInt(`0x${parentIdOf(span) ?? '0'}`),
    service: resource.service,
    name: operationName(span),
    resource: resourceName(span),
    type: spanType(span),
    start: startNs,
    duration: nanoseconds(span.endTime) - startNs,
    error: Number(isError),
    meta: {
      ...meta,
      'span.kind': kinds[span.kind] ?? 'internal',
      'runtime-id': resource.runtimeId,
      language: 'javascript',
      ...(resource.env === undefined ? {} : { env: resource.env }),
      ...(resource.version === undefined ? {} : { version: resource.version }),
      // The upper half of the 128-bit trace id stands on the first span of the chunk.
      ...(isFirst ? { '_dd.p.tid': traceId.slice(0, 16) } : {}),
      ...statusMeta(span),
      ...(isError ? errorMeta(span) : {}),
    },
    metrics: {
      ...metrics,
      ...(isRoot ? { '_dd.top_level': 1, _sampling_priority_v1: 1, process_id: resource.pid } : {}),
    },
  };
}

const kinds = ['internal', 'server', 'client', 'producer', 'consumer'];

/** By Datadog's naming for spans of OpenTelemetry. */
function operationName({ kind, attributes }: FinishedSpan): string {
  const isHttp = 'http.request.method' in attributes || 'http.method' in attributes;
  if (isHttp && kind === 1) return 'http.server.request';
  if (isHttp && kind === 2) return 'http.client.request';
  const database = attributes['db.system.name'] ?? attributes['db.system'];
  if (typeof database === 'string' && kind === 2) return `${database}.query`;
  return kinds[kind] ?? 'internal';
}

function resourceName({ name, attributes }: FinishedSpan): string {
  const method = attributes['http.request.method'] ?? attributes['http.method'];
  const route = attributes['http.route'];
  return typeof method === 'string' && typeof route === 'string' && route !== '' ? `${method} ${route}` : name;
}

function spanType({ kind, attributes }: FinishedSpan): string {
  if (kind === 1) return 'web';
  if (kind === 2 && ('db.system' in attributes || 'db.system.name' in attributes)) return 'db';
  return kind === 2 ? 'http' : 'custom';
}

/** Datadog's pages know the status under this name alone. */
function statusMeta({ attributes }: FinishedSpan): Record<string, string> {
  const status = attributes['http.response.status_code'] ?? attributes['http.status_code'];
  return typeof status === 'number' ? { 'http.status_code': String(status) } : {};
}

function errorMeta({ status, events }: FinishedSpan): Record<string, string> {
  const exception = events.find(({ name }) => name === 'exception')?.attributes ?? {};
  const text = (value: unknown, fallback = ''): string => (typeof value === 'string' ? value : fallback);
  return {
    'error.type': text(exception['exception.type'], 'Error'),
    'error.message': text(exception['exception.message'], status.message),
    'error.stack': text(exception['exception.stacktrace']),
  };
}

function splitAttributes(attributes: Readonly<Record<string, unknown>>): { meta: Record<string, string>; metrics: Record<string, number> } {
  const meta: Record<string, string> = {};
  const metrics: Record<string, number> = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'number' && Number.isFinite(value)) metrics[key] = value;
    else if (typeof value === 'string') meta[key] = value;
    else if (value !== undefined && value !== null) meta[key] = JSON.stringify(value);
  }
  return { meta, metrics };
}
