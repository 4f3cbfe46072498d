// A service on Express or Fastify (argv[2]) under the instrumentation of OpenTelemetry or dd-trace (argv[3]), loaded by
// a worker. Handlers burn CPU before and after they wait, in functions that name their route.
'use strict';
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const tracers = {
  otel() {
    const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
    const { registerInstrumentations } = require('@opentelemetry/instrumentation');
    const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
    const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
    const { FastifyOtelInstrumentation } = require('@fastify/otel');
    new NodeTracerProvider().register();
    const fastifyOtel = new FastifyOtelInstrumentation({ registerOnInitialization: true });
    registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation(), fastifyOtel] });
  },
  ddTrace() {
    require('dd-trace').init({ startupLogs: false, telemetry: { enabled: false }, remoteConfig: { enabled: false }, url: 'http://127.0.0.1:9' });
  },
};
tracers[process.argv[3]]();

const routes = { users: '/users/:id', items: '/orders/:order/items/:item', health: '/health' };
const urls = ['/users/7', '/orders/3/items/9', '/health', '/users/8', '/orders/1/items/2'];

const burners = Object.fromEntries(Object.keys(routes).map((name) => [
  name,
  new Function(`return function handle_${name}(ms) { let x = 1; for (const end = performance.now() + ms; performance.now() < end; ) for (let i = 0; i < 5000; i++) x = (Math.imul(x, 31) + i) | 0; return x; }`)(),
]));

async function handle(name) {
  burners[name](2);
  await sleep(1);
  burners[name](1);
  await Promise.all([sleep(2).then(() => burners[name](1)), null]);
  burners[name](1);
  return { name };
}

const listen = {
  async express() {
    const app = require('express')();
    const users = require('express').Router();
    users.get('/:id', async (request, response) => response.json(await handle('users')));
    app.use('/users', users);
    app.get(routes.items, async (request, response) => response.json(await handle('items')));
    app.get(routes.health, async (request, response) => response.json(await handle('health')));
    return new Promise((resolve) => {
      const server = app.listen(0, '127.0.0.1', () => resolve({ port: server.address().port, close: () => server.close() }));
    });
  },
  async fastify() {
    const app = require('fastify')();
    for (const [name, route] of Object.entries(routes)) app.get(route, () => handle(name));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { port: app.server.address().port, close: () => app.close() };
  },
};

const load = `
const { workerData: { port, urls }, parentPort } = require('node:worker_threads');
const http = require('node:http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const get = (path) => new Promise((resolve, reject) => http.get({ agent, port, path, host: '127.0.0.1' }, (response) => response.resume().on('end', resolve)).on('error', reject));
async function client(first) { for (let i = 0; i < 60; i++) await get(urls[(first + i) % urls.length]); }
Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(client)).then(() => { agent.destroy(); parentPort.close(); });`;

void (async () => {
  const { port, close } = await listen[process.argv[2]]();
  await sleep(100);
  const worker = new Worker(load, { eval: true, workerData: { port, urls } });
  worker.on('exit', (code) => {
    // dd-trace keeps a process that cannot reach its agent.
    if (process.argv[3] === 'ddTrace') process.exit(code);
    process.exitCode = code;
    void close();
  });
})();
