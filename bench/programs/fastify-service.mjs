// A Fastify service with OpenTelemetry: spans of HTTP and of the framework, ended and thrown away. Its routes compute a
// little, before and after they wait. Asked by bench/programs/load-client.mjs; told what to do by its parent.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { context } from '@opentelemetry/api';
import { answer, finish, processCpuMs, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const require = createRequire(import.meta.url);
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { FastifyOtelInstrumentation } = require('@fastify/otel');

new NodeTracerProvider().register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new FastifyOtelInstrumentation({ registerOnInitialization: true })] });
const profiler = await loadProfiler(readSettings());
profiler.followSpans?.(context._getContextManager());

const items = Array.from({ length: 120 }, (_, i) => ({ id: i, name: `item ${i}`, price: (i * 7919) % 1000, tags: [`t${i % 7}`, `u${i % 11}`] }));
const cache = new Map();
const app = require('fastify')();
app.get('/list', async () => items.filter(({ price }) => price > 200).sort((a, b) => a.price - b.price));
app.get('/items/:id', async ({ params }) => {
  await null;
  return items[params.id % items.length];
});
app.get('/page', async (request, reply) => {
  await new Promise(setImmediate);
  return reply.type('text/html').send(`<ul>${items.map(({ name, price }) => `<li>${name.replace(/[<>&]/g, '')}: ${price.toFixed(2)}</li>`).join('')}</ul>`);
});
app.get('/hash', async () => {
  const text = JSON.stringify(items);
  await null;
  const hash = createHash('sha256').update(text).digest('hex');
  cache.set(cache.size % 500, hash);
  return { hash };
});
await app.listen({ port: 0, host: '127.0.0.1' });

answer({
  start: () => profiler.start(),
  cpu: () => ({ cpuMs: processCpuMs() }),
  async rotate() {
    const { bytes } = await profiler.rotate();
    return { bytes };
  },
  memory() {
    globalThis.gc?.(); // garbage that waits is not what is compared
    const { heapUsed } = process.memoryUsage();
    return { heapUsed };
  },
  async stop() {
    await app.close();
    await profiler.stop();
    setImmediate(() => finish({}));
  },
});
process.send({ type: 'listening', port: app.server.address().port });
