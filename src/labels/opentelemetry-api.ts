/** The parts of OpenTelemetry that are read here, as any 1.x copy of the API and any SDK have them. */
export interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly isRemote?: boolean;
}

export interface OtelSpan {
  spanContext(): OtelSpanContext;
  /** SDK 2.x; 1.x has parentSpanId in its place. */
  readonly parentSpanContext?: OtelSpanContext;
  readonly parentSpanId?: string;
  readonly attributes?: Record<string, unknown>;
  readonly ended?: boolean;
}

export interface OtelContext {
  getValue(key: symbol): unknown;
}

export interface OtelGlobal {
  readonly context?: { active?(): OtelContext };
  readonly trace?: unknown;
}

/**
 * The object through which all copies of `@opentelemetry/api` 1.x in a process share what was registered: reading it
 * needs no copy of our own, and cannot pick the wrong one.
 */
export function otelGlobal(): OtelGlobal | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')] as OtelGlobal | undefined;
}

// createContextKey() of the API is Symbol.for(), so that copies understand each other.
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN');
const rpcMetadataKey = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

export function spanIn(context: OtelContext | undefined): OtelSpan | undefined {
  return context?.getValue(spanKey) as OtelSpan | undefined;
}

/** What the instrumentation of HTTP leaves in the context of a request: its span, and the route once a framework told. */
export function rpcMetadataIn(context: OtelContext): { readonly span?: OtelSpan; readonly route?: unknown } {
  return (context.getValue(rpcMetadataKey) ?? {});
}

/** `GET /users/:id`. The attribute of the method has two names: since and before stable HTTP conventions. */
export function endpointOf({ attributes = {} }: OtelSpan, route: unknown): string | undefined {
  if (typeof route !== 'string' || route === '') return undefined;
  const method = attributes['http.request.method'] ?? attributes['http.method'];
  return typeof method === 'string' ? `${method} ${route}` : route;
}
