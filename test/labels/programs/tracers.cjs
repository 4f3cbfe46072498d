// What workload.cjs needs of each tracing library. `truth` holds, for each span's unique name, the labels it must get.
'use strict';
const { AsyncLocalStorage } = require('node:async_hooks');

const { threadId } = require('node:worker_threads');
let count = 0;
const unique = (name) => `${name}_t${threadId}_${++count}`;

const tracers = {
  /** hotspan alone. */
  labels({ withLabels }) {
    const active = new AsyncLocalStorage();
    const truth = {};
    return {
      truth,
      active: () => active.getStore(),
      async span(name, fn) {
        const id = unique(name);
        truth[id] = { span: id };
        return active.run(id, () => withLabels({ span: id }, fn));
      },
    };
  },
  otel() {
    const { trace, context } = require('@opentelemetry/api');
    const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
    new NodeTracerProvider().register();
    const tracer = trace.getTracer('test');
    const truth = {};
    const nameOf = new Map();
    const rootOf = new Map();
    return {
      truth,
      active: () => nameOf.get(trace.getSpan(context.active())?.spanContext().spanId),
      async span(name, fn) {
        const id = unique(name);
        const parent = trace.getActiveSpan()?.spanContext().spanId;
        return tracer.startActiveSpan(name, async (span) => {
          const { spanId, traceId } = span.spanContext();
          nameOf.set(spanId, id);
          rootOf.set(spanId, rootOf.get(parent) ?? spanId);
          truth[id] = { span_id: spanId, trace_id: traceId, local_root_span_id: rootOf.get(spanId) };
          try {
            return await fn();
          } finally {
            span.end();
          }
        });
      },
    };
  },
  ddTrace() {
    const tracer = require('dd-trace').init({ startupLogs: false, telemetry: { enabled: false }, remoteConfig: { enabled: false }, url: 'http://127.0.0.1:9' });
    const truth = {};
    const nameOf = new Map();
    const rootOf = new Map();
    return {
      truth,
      active: () => nameOf.get(tracer.scope().active()?.context().toSpanId(true)),
      async span(name, fn) {
        const id = unique(name);
        const parent = tracer.scope().active()?.context().toSpanId(true);
        return tracer.trace(name, async (span) => {
          const spanId = span.context().toSpanId(true);
          nameOf.set(spanId, id);
          rootOf.set(spanId, rootOf.get(parent) ?? spanId);
          truth[id] = { span_id: spanId, trace_id: span.context().toTraceId(true), local_root_span_id: rootOf.get(spanId) };
          return fn();
        });
      },
    };
  },
};

module.exports = async function run(hotspan, kind) {
  const workload = require('./workload.cjs');
  hotspan.addLabelProvider(() => {
    const step = workload.steps.getStore();
    return step === undefined ? undefined : { step };
  });
  const tracer = tracers[kind](hotspan);
  await workload(tracer);
  console.log(JSON.stringify({ truth: tracer.truth, labels: hotspan.stats().labels }));
  // dd-trace keeps a process that cannot reach its agent.
  if (kind === 'ddTrace') process.exit(0);
  return tracer.truth;
};
