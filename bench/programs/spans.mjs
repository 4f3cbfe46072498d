// Many short spans with ten awaits each, a hundred at a time, and nothing else: the worst case for whatever costs
// something per span or per switch of the async context. The warm-up is not measured; profiling, if any, is on in it.
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { cpuNs, finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const { kind, spans, warmUp, ...profilerSettings } = readSettings();
const awaits = 10;
const concurrency = 100;

const kinds = {
  /** Spans of OpenTelemetry's SDK 2.x. Nobody takes them: exporting is the same with and without a profiler. */
  otel() {
    new NodeTracerProvider().register();
    const tracer = trace.getTracer('bench');
    return (fn) => tracer.startActiveSpan('span', async (span) => {
      await fn();
      span.end();
    });
  },
  /** hotspan's own labels, with a value of its own for each span. */
  async withLabels() {
    const { withLabels } = await import(new URL('../../dist/index.js', import.meta.url));
    let count = 0;
    return (fn) => withLabels({ span: `span-${count++}` }, fn);
  },
};

/** @datadog/pprof as dd-trace drives it without AsyncContextFrame: the context is set again at each switch. */
function datadogContexts({ rateHz, datadog }) {
  const { time } = createRequire(import.meta.url)(datadog);
  const storage = new AsyncLocalStorage();
  return {
    start() {
      time.start({ intervalMicros: Math.round(1e6 / rateHz), durationMillis: 60_000, withContexts: true, lineNumbers: false });
      time.setContext({});
      createHook({ before: () => time.setContext(storage.getStore()) }).enable();
    },
    stop: async () => void time.stop(false),
    wrap: (run) => (fn) => storage.run({ span: {} }, () => {
      time.setContext(storage.getStore());
      return run(fn);
    }),
  };
}

const run = await kinds[kind]();
const profiler = profilerSettings.variant === 'datadog' ? datadogContexts(profilerSettings) : await loadProfiler(profilerSettings);
const inSpan = profiler.wrap?.(run) ?? run;

async function tenAwaits() {
  for (let i = 0; i < awaits; i++) await null;
}

async function work(count) {
  let left = count;
  const lane = async () => {
    while (left-- > 0) {
      await inSpan(tenAwaits);
      // Lets the event loop turn, as a service does.
      if (left % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

profiler.start();
await work(warmUp);
const wallBefore = performance.now();
const cpuBefore = cpuNs();
await work(spans);
const cpuMs = (cpuNs() - cpuBefore) / 1e6;
const wallMs = performance.now() - wallBefore;
const stats = profiler.stats?.();
await profiler.stop();
finish({ cpuMs, wallMs, contexts: stats?.labels.contexts ?? 0, path: stats?.labels.path ?? 'none' });
