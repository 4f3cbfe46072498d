import { labelKeys } from './label-keys.ts';
import type { LabelSink, LabelSource, LateValues } from './labels.ts';
import { beforeCall, LocalRootLabels } from './local-root.ts';

/** The parts of dd-trace that are read here. `context()` and its id methods are public, the trace is not. */
interface DdSpan {
  context(): DdSpanContext;
}

interface DdSpanContext {
  toTraceId(hex: true): string;
  toSpanId(hex: true): string;
  readonly _trace?: { readonly started?: readonly DdSpan[] };
  readonly _tags?: Readonly<Record<string, unknown>>;
  readonly _isFinished?: boolean;
}

interface DdTracer {
  scope?(): { active?(): DdSpan | null | undefined };
}

function tracer(): DdTracer | undefined {
  return (globalThis as { _ddtrace?: DdTracer })._ddtrace;
}

/** Labels from dd-trace's active span. */
export function ddTraceSource(lateValues: LateValues): LabelSource {
  const roots = new LocalRootLabels(lateValues);
  // A trace forgets its finished spans when it is sent.
  const rootOfTrace = new WeakMap<object, DdSpan>();
  return {
    name: 'the dd-trace label provider',
    isActive: () => tracer() !== undefined,
    collect(sink: LabelSink) {
      const span = tracer()?.scope?.().active?.();
      if (span === undefined || span === null) return;
      const context = span.context();
      sink.add(labelKeys.traceId, context.toTraceId(true).padStart(32, '0'));
      sink.add(labelKeys.spanId, context.toSpanId(true).padStart(16, '0'));
      const trace = context._trace;
      if (trace === undefined) return;
      const root = rootOfTrace.get(trace) ?? trace.started?.[0];
      if (root === undefined) return;
      rootOfTrace.set(trace, root);
      const rootContext = root.context();
      roots.add(sink, root, {
        spanId: rootContext.toSpanId(true).padStart(16, '0'),
        endpoint: () => endpointOf(rootContext),
        hasEnded: rootContext._isFinished === true,
        onEnd: (listener) => beforeCall(root, 'finish', listener),
      });
    },
  };
}

/** dd-trace knows the route when the request ends; the resource of other kinds of spans is no endpoint. */
function endpointOf({ _tags: tags = {} }: DdSpanContext): string | undefined {
  const route = tags['http.route'];
  if (typeof route !== 'string' || route === '') return undefined;
  const method = tags['http.method'];
  return typeof method === 'string' ? `${method} ${route}` : route;
}
