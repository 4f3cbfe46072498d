import type { UploadRequest } from '../delivery/backend.ts';
import { entityHeaders } from '../delivery/datadog/entity-headers.ts';
import { resourceAttributes } from '../delivery/otlp/resource-attributes.ts';
import type { Resource } from '../delivery/resource.ts';
import { endpointOf, type UploadTarget } from '../delivery/targets.ts';
import { encodeDatadogSpans } from './datadog-spans.ts';
import { encodeOtlpSpans } from './otlp-spans.ts';
import type { FinishedSpan } from './span-shape.ts';

const datadogPath = '/v0.4/traces';

/** Makes a request of spans for one backend. */
export type SpanRequest = (spans: readonly FinishedSpan[], resource: Resource) => UploadRequest;

/**
 * How spans go to `target`; undefined where that takes no spans: Pyroscope, and Datadog's profile intake without an
 * Agent.
 */
export function spanRequestFor(target: UploadTarget): SpanRequest | undefined {
  switch (target.kind) {
    case 'datadog':
      return 'DD-API-KEY' in target.headers ? undefined : datadogRequest(target);
    case 'otlp':
      return otlpRequest(target);
    case 'pyroscope':
      return undefined;
  }
}

function datadogRequest({ url }: UploadTarget): SpanRequest {
  const agent = url.startsWith('unix:') ? url : new URL(datadogPath, url).href;
  const endpoint = endpointOf(agent, datadogPath);
  return (spans, resource) => {
    const { body, traceCount } = encodeDatadogSpans(spans, resource);
    const headers = {
      'Content-Type': 'application/msgpack',
      'X-Datadog-Trace-Count': String(traceCount),
      'Datadog-Meta-Lang': 'nodejs',
      'Datadog-Meta-Lang-Version': resource.runtime.nodeVersion,
      'Datadog-Meta-Lang-Interpreter': 'v8',
      'Datadog-Meta-Tracer-Version': resource.profilerVersion,
      ...entityHeaders(resource.entity),
    };
    return { method: 'PUT', endpoint, headers, body };
  };
}

function otlpRequest({ url, headers }: UploadTarget): SpanRequest {
  const endpoint = endpointOf(url, '/');
  return (spans, resource) => ({
    method: 'POST',
    endpoint,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: encodeOtlpSpans(spans, resourceAttributes(resource)),
  });
}
