// Spans with ten awaits each, a hundred at a time, and nothing else: the worst case for whatever costs something per span
// or per switch of the asynchronous context.
import { trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

export const awaitsPerSpan = 10;
const concurrency = 100;

/** Spans of OpenTelemetry's SDK 2.x. Nobody takes them: exporting is the same with and without a profiler. */
export function tracedSpans() {
  new NodeTracerProvider().register();
  const tracer = trace.getTracer('bench');
  return (fn) => tracer.startActiveSpan('span', async (span) => {
    await fn();
    span.end();
  });
}

/** hotspan's own labels, with a value of its own for each span. */
export async function ownLabels() {
  const { withLabels } = await import(new URL('../../dist/index.js', import.meta.url));
  let count = 0;
  return (fn) => withLabels({ span: `span-${count++}` }, fn);
}

async function tenAwaits() {
  for (let i = 0; i < awaitsPerSpan; i++) await null;
}

/** Runs `count` spans made by `inSpan`. */
export async function runSpans(inSpan, count) {
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
