// Libraries that queue the work of several contexts and answer from one connection, batch or thread. The truth is what
// the program's own AsyncLocalStorage says where a piece of work begins, whatever the library made of the context: it is
// the name of the function that works, work__<context>__<way>.
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import asyncLibrary from 'async';
import DataLoader from 'dataloader';
import genericPool from 'generic-pool';
import { addLabelProvider } from 'hotspan';
import { Redis } from 'ioredis';
import PQueue from 'p-queue';
import { Piscina } from 'piscina';
import { Pool, fetch as undiciFetch } from 'undici';

const contexts = new AsyncLocalStorage();
addLabelProvider(() => ({ context: contexts.getStore() ?? 'none' }));

const workers = new Map();
function work(way) {
  const name = `work__${contexts.getStore() ?? 'none'}__${way}`;
  let worker = workers.get(name);
  if (worker === undefined) {
    worker = new Function(`return function ${name}(n) { let x = 1; for (let i = 0; i < n; i++) x = (Math.imul(x, 31) + i) | 0; return x; }`)();
    workers.set(name, worker);
  }
  return worker(600_000);
}

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/** Answers each command of the Redis protocol with OK, in order; INFO is what a client asks first. */
const redisServer = createServer((socket) => {
  socket.on('error', () => {}).on('data', (chunk) => {
    const commands = chunk.toString('latin1').match(/^\*\d+\r$/gm) ?? [];
    socket.write(commands.map(() => '+OK\r\n').join(''));
  });
});
const httpServer = createHttpServer((request, response) => response.end('{}'));
const httpUrl = `http://127.0.0.1:${await listening(httpServer)}`;
const redis = new Redis({ port: await listening(redisServer), host: '127.0.0.1', enableReadyCheck: false, disableClientInfo: true });
const loader = new DataLoader(
  async (keys) => {
    work('dataloaderBatch');
    await sleep(1);
    work('dataloaderBatchLater');
    return keys;
  },
  { cache: false },
);
const pool = genericPool.createPool({ create: async () => ({}), destroy: async () => {} }, { max: 1 });
const client = new Pool(httpUrl, { connections: 1, pipelining: 4 });
const queue = new PQueue({ concurrency: 1 });
const asyncQueue = asyncLibrary.queue((task, done) => {
  work('asyncQueue');
  setImmediate(() => {
    task();
    done();
  });
}, 1);
const threads = new Piscina({ filename: new URL('libraries-task.mjs', import.meta.url).href, minThreads: 1, maxThreads: 1 });

const ways = {
  async ioredis() {
    await redis.set('k', 'v');
    work('redisPromise');
    await new Promise((resolve) => redis.get('k', () => resolve(work('redisCallback'))));
    await redis.pipeline().get('k').incr('n').exec();
    work('redisPipeline');
  },
  async dataloader() {
    await loader.load(contexts.getStore());
    work('dataloaderAfter');
  },
  async genericPool() {
    const resource = await pool.acquire();
    work('poolAcquired');
    await sleep(1);
    work('poolUsed');
    await pool.release(resource);
    work('poolReleased');
  },
  async undici() {
    const { body } = await client.request({ path: '/', method: 'GET' });
    work('undiciHeaders');
    await body.json();
    work('undiciBody');
    for (const get of [fetch, undiciFetch]) {
      await (await get(httpUrl)).text();
      work('fetchText');
    }
  },
  async pQueue() {
    await queue.add(async () => {
      work('pQueueTask');
      await null;
      work('pQueueLater');
    });
    work('pQueueAfter');
  },
  async asyncQueue() {
    await new Promise((resolve) => asyncQueue.push(() => resolve(work('asyncTask'))));
  },
  async piscina() {
    await threads.run(10_000);
    work('piscinaAfter');
  },
};

/** A label provider is asked from the first samples on. */
for (const end = performance.now() + 300; performance.now() < end; await sleep(1)) JSON.stringify(process.versions);
for (let round = 0; round < Number(process.argv[2]); round++) {
  for (const way of Object.values(ways)) await Promise.all([1, 2, 3, 4].map((id) => contexts.run(`c${id}`, way)));
}
redis.disconnect();
await Promise.all([client.close(), threads.destroy(), pool.drain()]);
await pool.clear();
for (const server of [httpServer, redisServer]) server.close();
httpServer.closeAllConnections();
