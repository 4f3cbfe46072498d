// A small HTTP service under load from itself: JSON, templating, hashing, sorting, a cache; a fixed number of requests
// or a fixed time.
import { createHash } from 'node:crypto';
import http from 'node:http';
import { performance } from 'node:perf_hooks';
import { finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const { seconds = Infinity, requests = Infinity, warmUp = 0, ...profilerSettings } = readSettings();
const profiler = await loadProfiler(profilerSettings);
const items = Array.from({ length: 300 }, (_, i) => ({ id: i, name: `item ${i}`, price: (i * 7919) % 1000, tags: [`t${i % 7}`, `u${i % 11}`] }));
const cache = new Map();

const routes = {
  '/list': () => JSON.stringify(items.filter(({ price }) => price > 200).sort((a, b) => a.price - b.price)),
  '/page': () => `<ul>${items.map(({ name, price }) => `<li>${name.replace(/[<>&]/g, '')}: ${price.toFixed(2)}</li>`).join('')}</ul>`,
  '/hash': () => createHash('sha256').update(JSON.stringify(items)).digest('hex'),
  '/parse': () => String(JSON.parse(JSON.stringify(items)).reduce((sum, { price }) => sum + price, 0)),
};
const paths = Object.keys(routes);

const server = http.createServer(async (request, response) => {
  const body = routes[request.url]();
  await null;
  cache.set(`${request.url}:${cache.size % 500}`, body);
  if (cache.size > 500) cache.clear();
  response.end(body);
});

async function load(count, until) {
  let asked = 0;
  const client = async () => {
    while (asked < count && performance.now() < until) await ask(paths[asked++ % paths.length]);
  };
  await Promise.all([client(), client(), client(), client()]);
  return asked;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const ask = (path) =>
  new Promise((resolve, reject) => {
    http.get({ port: server.address().port, host: '127.0.0.1', path, agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });

server.listen(0, '127.0.0.1', async () => {
  await load(warmUp, Infinity);
  profiler.start();
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const asked = await load(requests, began + seconds * 1000);
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpuBefore);
  const stats = profiler.stats();
  await profiler.stop();
  agent.destroy();
  server.close();
  finish({ asked, wallMs, cpuMs: (user + system) / 1000, stats });
});
