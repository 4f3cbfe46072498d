import { endpointCounts } from './endpoint-counts.ts';
import { endpointOf, spanIn, type OtelContext, type OtelSpan } from './opentelemetry-api.ts';

/** A child span's local root. On the span itself, so that it goes when the span goes and costs a store, not a table. */
const rootKey = Symbol('hotspan.localRoot');
type TrackedSpan = OtelSpan & { [rootKey]?: OtelSpan };

/** What links a profile to its trace in Grafana: see its span profiles. */
const profileIdAttribute = 'pyroscope.profile.id';

/** Of this thread, known once its labels are gathered. An app's own spans have no attribute that no backend asks for. */
export const localRootMarks = { wanted: false };

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
 * `endpoint`, and marks local roots with `pyroscope.profile.id` where profiles go to Pyroscope. Added by itself to the provider that is registered
 * globally; give it to a provider of your own otherwise.
 */
export class HotspanSpanProcessor {
  onStart(span: OtelSpan, parentContext: OtelContext): void {
    try {
      this.#noteRoot(span, parentContext);
    } catch {
      // A frozen span, or one of an SDK that is not known: its root stays unknown. The app's call goes on.
    }
  }

  #noteRoot(span: OtelSpan, parentContext: OtelContext): void {
    if (isLocalRoot(span)) {
      // Each request passes here. setAttribute() with its checks takes longer than the rest of our work on a span; the
      // attributes are a plain object in every SDK.
      if (localRootMarks.wanted && span.attributes !== undefined) span.attributes[profileIdAttribute] = span.spanContext().spanId;
      return;
    }
    const parent = spanIn(parentContext);
    if (parent === undefined) return;
    const root = localRootOf(parent);
    if (root === undefined) return;
    (span as TrackedSpan)[rootKey] = root;
  }

  onEnd(span: OtelSpan): void {
    try {
      if (!endpointCounts.wanted || !isLocalRoot(span)) return;
      const endpoint = endpointOf(span, span.attributes?.['http.route']);
      if (endpoint !== undefined) endpointCounts.add(endpoint);
    } catch {
      // A request that is not counted.
    }
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

interface ProviderInside {
  readonly _activeSpanProcessor?: ActiveProcessor;
}

/** What a provider passes each span through, and from it to the list it was made with. */
interface ActiveProcessor {
  onStart?: (span: OtelSpan, parentContext: OtelContext) => void;
  onEnd?: (span: OtelSpan) => void;
  readonly _spanProcessors?: unknown;
  [attachedKey]?: true;
}
const attachedKey = Symbol('hotspan.attached');

/**
 * Lets a HotspanSpanProcessor see the spans of the registered provider, unless it has one. SDK 2.x takes processors in
 * its constructor only, so it goes before the start of the provider's own, if that is where it is known to be. Not
 * into their list: going through one element more costs several times what we do with a span.
 */
export function attachProcessor(provider: unknown): void {
  const active = (provider as ProviderInside | undefined)?._activeSpanProcessor;
  const list = active?._spanProcessors;
  const own = active?.onStart;
  if (active === undefined || !Array.isArray(list) || typeof own !== 'function' || active[attachedKey] === true) return;
  if (list.some((processor) => processor instanceof HotspanSpanProcessor)) return;
  const ours = new HotspanSpanProcessor();
  active[attachedKey] = true;
  active.onStart = (span, parentContext) => {
    ours.onStart(span, parentContext);
    own.call(active, span, parentContext);
  };
  const ownEnd = active.onEnd;
  if (!endpointCounts.wanted || typeof ownEnd !== 'function') return;
  active.onEnd = (span) => {
    ours.onEnd(span);
    ownEnd.call(active, span);
  };
}
