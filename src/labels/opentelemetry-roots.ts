import { spanIn, type OtelContext, type OtelSpan } from './opentelemetry-api.ts';

/** A child span's local root. On the span itself, so that it goes when the span goes and costs a store, not a table. */
const rootKey = Symbol('hotspan.localRoot');
type TrackedSpan = OtelSpan & { [rootKey]?: OtelSpan };

/** What links a profile to its trace in Grafana: see its span profiles. */
const profileIdAttribute = 'pyroscope.profile.id';

/** Has no parent in this process. */
function isLocalRoot(span: OtelSpan): boolean {
  const parent = span.parentSpanContext;
  return parent === undefined ? span.parentSpanId === undefined : parent.isRemote === true;
}

/** The first span of the trace in this process; undefined when the span began before anyone looked. */
export function localRootOf(span: TrackedSpan): OtelSpan | undefined {
  // A span that is not recorded says nothing of its parent.
  if (span.attributes === undefined) return undefined;
  return isLocalRoot(span) ? span : span[rootKey];
}

/**
 * A span processor for OpenTelemetry's SDK: knows each span's local root, for the labels `local_root_span_id` and
 * `endpoint`, and marks local roots with `pyroscope.profile.id`. Added by itself to the provider that is registered
 * globally; give it to a provider of your own otherwise.
 */
export class HotspanSpanProcessor {
  onStart(span: OtelSpan, parentContext: OtelContext): void {
    if (isLocalRoot(span)) {
      span.setAttribute?.(profileIdAttribute, span.spanContext().spanId);
      return;
    }
    const parent = spanIn(parentContext);
    if (parent === undefined) return;
    const root = localRootOf(parent);
    if (root !== undefined && Object.isExtensible(span)) (span as TrackedSpan)[rootKey] = root;
  }

  onEnd(): void {}

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

interface ProviderInside {
  readonly addSpanProcessor?: (processor: HotspanSpanProcessor) => void;
  readonly _activeSpanProcessor?: { readonly _spanProcessors?: unknown };
}

/**
 * Adds a HotspanSpanProcessor to the registered provider unless it has one. True when there is nothing more to do.
 * SDK 1.x has a method for it. 2.x takes processors in the constructor only: there it goes into the list that the
 * provider passes each span through, if there is such a list.
 */
export function attachProcessor(registered: unknown): boolean {
  const proxy = registered as { getDelegate?(): unknown } | undefined;
  const provider = (proxy?.getDelegate?.() ?? registered) as ProviderInside | undefined;
  if (provider === undefined) return false;
  const list = provider._activeSpanProcessor?._spanProcessors;
  if (Array.isArray(list)) {
    if (!list.some((processor) => processor instanceof HotspanSpanProcessor)) list.push(new HotspanSpanProcessor());
    return true;
  }
  if (typeof provider.addSpanProcessor !== 'function') return false;
  provider.addSpanProcessor(new HotspanSpanProcessor());
  return true;
}
