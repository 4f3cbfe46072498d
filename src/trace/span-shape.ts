/** What is read of a finished span of OpenTelemetry's SDK, 1.x or 2.x. Written down here because the SDK is optional. */
export interface FinishedSpan {
  readonly name: string;
  /** 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind: number;
  spanContext(): SpanIds;
  /** 2.x. */
  readonly parentSpanContext?: SpanIds & { readonly isRemote?: boolean };
  /** 1.x. */
  readonly parentSpanId?: string;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly time: HrTime; readonly attributes?: Readonly<Record<string, unknown>> }[];
  readonly links: readonly { readonly context: SpanIds; readonly attributes?: Readonly<Record<string, unknown>> }[];
  /** 2.x. */
  readonly instrumentationScope?: Scope;
  /** 1.x. */
  readonly instrumentationLibrary?: Scope;
}

export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags?: number;
  readonly traceState?: { serialize(): string };
}

/** Seconds since 1970 and nanoseconds. */
export type HrTime = readonly [seconds: number, nanoseconds: number];
export interface Scope { readonly name: string; readonly version?: string }

export function nanoseconds([seconds, nanos]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanos));
}

export function parentIdOf(span: FinishedSpan): string | undefined {
  return span.parentSpanContext?.spanId ?? span.parentSpanId;
}

/** The first span of its trace in this process. In 1.x a remote parent cannot be told from a local one. */
export function isLocalRoot(span: FinishedSpan): boolean {
  return parentIdOf(span) === undefined || span.parentSpanContext?.isRemote === true;
}
