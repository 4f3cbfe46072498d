import { subscribe } from 'node:diagnostics_channel';

import { endpointCounts } from './endpoint-counts.ts';
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
  readonly _trace?: DdTrace;
  readonly _tags?: Readonly<Record<string, unknown>>;
  readonly _isFinished?: boolean;
}

interface DdTrace {
  /** Emptied when the trace is sent. */
  readonly started?: readonly DdSpan[];
  [rootKey]?: DdSpanContext | undefined;
}

/** The local root's context, not its span: a trace may outlive its request, and is not to hold it. */
const rootKey = Symbol('hotspan.localRoot');

interface DdTracer {
  scope?(): { active?(): DdSpan | null | undefined };
}

function tracer(): DdTracer | undefined {
  return (globalThis as { _ddtrace?: DdTracer })._ddtrace;
}

/** Labels from dd-trace's active span. */
export function ddTraceSource(lateValues: LateValues): LabelSource {
  const roots = new LocalRootLabels(lateValues);
  let watching = false;
  return {
    name: 'the dd-trace label provider',
    isActive() {
      if (tracer() === undefined) return false;
      if (!watching) subscribe('dd-trace:span:finish', spanEnds);
      watching = true;
      return true;
    },
    collect(sink: LabelSink) {
      const span = tracer()?.scope?.().active?.();
      if (span === undefined || span === null) return;
      const context = span.context();
      sink.add(labelKeys.traceId, context.toTraceId(true).padStart(32, '0'));
      sink.add(labelKeys.spanId, context.toSpanId(true).padStart(16, '0'));
      if (context._trace !== undefined) addRoot(roots, sink, context._trace);
    },
  };
}

function addRoot(roots: LocalRootLabels, sink: LabelSink, trace: DdTrace): void {
  const first = trace.started?.[0];
  const root = trace[rootKey] ?? first?.context();
  if (root === undefined) return;
  const span = first?.context() === root ? first : undefined;
  roots.add(sink, root, {
    spanId: root.toSpanId(true).padStart(16, '0'),
    endpoint: () => endpointOf(root),
    hasEnded: root._isFinished === true || span === undefined,
    onEnd: (listener) => {
      if (span !== undefined) beforeCall(span, 'finish', listener);
    },
  });
}

/**
 * A trace forgets its spans when it is sent, which may be before the labels of its last samples are asked for. Up to
 * the end of its first span it has them all, the local root first. Requests are counted here, too.
 */
function spanEnds(ending: unknown): void {
  try {
    const context = (ending as DdSpan).context();
    const trace = context._trace;
    if (trace === undefined) return;
    trace[rootKey] ??= trace.started?.[0]?.context();
    if (!endpointCounts.wanted || trace[rootKey] !== context) return;
    const endpoint = endpointOf(context);
    if (endpoint !== undefined) endpointCounts.add(endpoint);
  } catch {
    // What a subscriber throws would end the app. That trace has no root.
  }
}

/** dd-trace knows the route when the request ends; the resource of other kinds of spans is no endpoint. */
function endpointOf({ _tags: tags = {} }: DdSpanContext): string | undefined {
  const route = tags['http.route'];
  if (typeof route !== 'string' || route === '') return undefined;
  const method = tags['http.method'];
  return typeof method === 'string' ? `${method} ${route}` : route;
}
