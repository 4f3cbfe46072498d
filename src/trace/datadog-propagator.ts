/** As much of OpenTelemetry's API as a propagator needs; the app's copy is handed in. */
export interface PropagationApi {
  readonly trace: {
    getSpanContext(context: unknown): { traceId: string; spanId: string; traceFlags: number } | undefined;
    setSpanContext(context: unknown, spanContext: object): unknown;
  };
}

interface Setter { set(carrier: unknown, key: string, value: string): void }
interface Getter { get(carrier: unknown, key: string): string | readonly string[] | undefined }

const headers = {
  traceId: 'x-datadog-trace-id',
  parentId: 'x-datadog-parent-id',
  priority: 'x-datadog-sampling-priority',
  tags: 'x-datadog-tags',
} as const;

/**
 * Carries the span context in Datadog's headers: decimal 64-bit ids, the upper half of the trace id in
 * `_dd.p.tid`. What W3C's headers gave before wins.
 */
export function createDatadogPropagator({ trace }: PropagationApi): object {
  return {
    fields: () => Object.values(headers),
    inject(context: unknown, carrier: unknown, setter: Setter): void {
      const span = trace.getSpanContext(context);
      if (span === undefined || !/^[0-9a-f]{32}$/.test(span.traceId)) return;
      setter.set(carrier, headers.traceId, String(BigInt(`0x${span.traceId.slice(16)}`)));
      setter.set(carrier, headers.parentId, String(BigInt(`0x${span.spanId}`)));
      setter.set(carrier, headers.priority, String(span.traceFlags & 1));
      const upper = span.traceId.slice(0, 16);
      if (/[^0]/.test(upper)) setter.set(carrier, headers.tags, `_dd.p.tid=${upper}`);
    },
    extract(context: unknown, carrier: unknown, getter: Getter): unknown {
      if (trace.getSpanContext(context) !== undefined) return context;
      const read = (key: string): string => {
        const value = getter.get(carrier, key);
        return (typeof value === 'string' ? value : value?.[0]) ?? '';
      };
      const [lower, spanId] = [decimalToHex(read(headers.traceId)), decimalToHex(read(headers.parentId))];
      if (lower === undefined || spanId === undefined) return context;
      const upper = /(?:^|,)_dd\.p\.tid=([0-9a-f]{16})(?:,|$)/.exec(read(headers.tags))?.[1] ?? '0'.repeat(16);
      const priority = read(headers.priority);
      // Without a decision, Datadog's tracers keep the trace.
      const traceFlags = priority === '' || Number(priority) > 0 ? 1 : 0;
      return trace.setSpanContext(context, { traceId: upper + lower, spanId, traceFlags, isRemote: true });
    },
  };
}

/** Undefined for 0, which means none, and for what is no 64-bit number. */
function decimalToHex(text: string): string | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > 0n && value < 2n ** 64n ? value.toString(16).padStart(16, '0') : undefined;
}
