import { labelKeys } from './label-keys.ts';
import type { LabelSink, LabelSource, LateValues } from './labels.ts';
import { beforeCall, LocalRootLabels } from './local-root.ts';
import { endpointOf, otelGlobal, rpcMetadataIn, spanIn, type OtelContext, type OtelSpan } from './opentelemetry-api.ts';
import { attachProcessor, localRootOf } from './opentelemetry-roots.ts';

/** Labels from OpenTelemetry's active span, whoever set up the SDK and whichever copy of the API it uses. */
export function openTelemetrySource(lateValues: LateValues): LabelSource {
  const roots = new LocalRootLabels(lateValues);
  let attachedTo: unknown;
  const attach = (registered: unknown): void => {
    // A provider that is replaced is looked at again; one that cannot be attached to is not looked at forever.
    const delegate = (registered as { getDelegate?(): unknown } | undefined)?.getDelegate?.() ?? registered;
    if (delegate === attachedTo) return;
    attachedTo = delegate;
    attachProcessor(delegate);
  };
  return {
    name: 'the OpenTelemetry label provider',
    isActive() {
      const api = otelGlobal();
      if (api?.context === undefined) return false;
      if (api.trace !== undefined) attach(api.trace);
      return true;
    },
    collect(sink: LabelSink) {
      const context = otelGlobal()?.context?.active?.();
      const span = spanIn(context);
      if (context === undefined || span === undefined) return;
      const { traceId, spanId } = span.spanContext();
      if (!isId(traceId, noTrace) || !isId(spanId, noSpan)) return;
      sink.add(labelKeys.traceId, traceId);
      sink.add(labelKeys.spanId, spanId);
      addRoot(roots, sink, context, span);
    },
  };
}

function addRoot(roots: LocalRootLabels, sink: LabelSink, context: OtelContext, span: OtelSpan): void {
  const request = rpcMetadataIn(context);
  // A span that began before there was a processor has a root all the same, if it is a server's request.
  const root = localRootOf(span) ?? (request.span === undefined ? undefined : localRootOf(request.span));
  if (root === undefined) return;
  roots.add(
    sink,
    root,
    {
      spanId: root.spanContext().spanId,
      endpoint: () => endpointOf(root, root.attributes?.['http.route']),
      hasEnded: root.ended === true,
      onEnd: (listener) => beforeCall(root, 'end', listener),
    },
    request.span === root ? endpointOf(root, request.route) : undefined,
  );
}

/** OpenTelemetry's ids of nothing. */
const noTrace = '0'.repeat(32);
const noSpan = '0'.repeat(16);

function isId(id: unknown, none: string): id is string {
  return typeof id === 'string' && id.length === none.length && id !== none;
}
