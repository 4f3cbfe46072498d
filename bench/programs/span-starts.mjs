// What the span processor adds to the start of one span, alone: the spans are made before, and the processors run over
// them again and again. Prints the median of many short rounds, in ns a span, with and without ours.
import { setTimeout as sleep } from 'node:timers/promises';
import { trace, ROOT_CONTEXT } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const { kind, ...profilerSettings } = readSettings();
const provider = new NodeTracerProvider();
provider.register();
const tracer = trace.getTracer('bench');
const processor = provider._activeSpanProcessor;

// A profiler attaches to the provider with the first samples. It does not run while the starts are measured.
const profiler = await loadProfiler(profilerSettings);
profiler.start();
if (profilerSettings.variant === 'hotspan') {
  await tracer.startActiveSpan('first', async () => {
    while (!Object.hasOwn(processor, 'onStart')) {
      for (const end = performance.now() + 20; performance.now() < end; );
      await sleep(1);
    }
  });
}
await profiler.stop();

const onStart = processor.onStart;
// Runs in our loop, not when a span is made.
processor.onStart = () => {};
const parent = tracer.startSpan('parent');
onStart.call(processor, parent, ROOT_CONTEXT);
const context = kind === 'child' ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
const spans = new Array(200);

function round() {
  for (let i = 0; i < spans.length; i++) spans[i] = tracer.startSpan('span', {}, context);
  const start = process.hrtime.bigint();
  for (let i = 0; i < spans.length; i++) onStart.call(processor, spans[i], context);
  return Number(process.hrtime.bigint() - start) / spans.length;
}

for (let i = 0; i < 2000; i++) round();
const rounds = Array.from({ length: 3000 }, round).sort((a, b) => a - b);
finish({ nsPerSpan: rounds[rounds.length / 2] });
