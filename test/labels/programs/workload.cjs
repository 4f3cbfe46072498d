// Requests that run interleaved and change their async context in every way Node has. CPU is burnt only in functions
// that name the span and the step that are active at that moment, as the tracer and AsyncLocalStorage themselves say:
// what the profile must agree with. `step` is a label from a storage of its own, changed by enterWith().
'use strict';
const { AsyncLocalStorage, AsyncResource, EventEmitter } = { ...require('node:async_hooks'), EventEmitter: require('node:events') };
const { setTimeout: sleep, setImmediate: immediate } = require('node:timers/promises');
const { Readable, Transform, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { randomBytes, pbkdf2 } = require('node:crypto');
const { readFile } = require('node:fs');
const diagnostics = require('node:diagnostics_channel');
const http = require('node:http');

const burners = new Map();
const steps = new AsyncLocalStorage();

/** Exits are not measured by time but by turns: the clock is read once for many iterations. */
function burnerOf(name) {
  let burner = burners.get(name);
  if (burner === undefined) {
    burner = new Function(
      `return function ${name}(ms) { let x = 1; for (const end = performance.now() + ms; performance.now() < end; ) for (let i = 0; i < 5000; i++) x = (Math.imul(x, 31) + i) | 0; return x; }`,
    )();
    burners.set(name, burner);
  }
  return burner;
}

let tracer;
/** Burns in `burn__<span>__<step>` of the context that is active here and now. */
function burn(ms = 4) {
  burnerOf(`burn__${tracer.active() ?? 'none'}__${steps.getStore() ?? 'none'}`)(ms);
}

const promisify = (start) => new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));

async function* numbers(count) {
  for (let i = 0; i < count; i++) {
    await null;
    burn(2);
    yield i;
  }
}

/** Each way to get from one context to the next. All run inside the request's span. */
const ways = {
  async awaiting() {
    burn();
    await null;
    burn();
    await sleep(1);
    burn();
  },
  timers: () => new Promise((resolve) => {
    setTimeout(() => {
      burn();
      let ticks = 0;
      const timer = setInterval(() => {
        burn(2);
        if (++ticks === 2) resolve(clearInterval(timer));
      }, 1);
    }, 1);
  }),
  async streams() {
    const upper = new Transform({
      transform(chunk, encoding, done) {
        burn(2);
        setImmediate(() => done(null, chunk));
      },
    });
    const sink = new Writable({
      write(chunk, encoding, done) {
        burn(2);
        done();
      },
    });
    await pipeline(Readable.from(['a', 'b', 'c']), upper, sink);
    burn();
  },
  async emitter() {
    const emitter = new EventEmitter();
    emitter.on('tick', () => burn());
    emitter.emit('tick');
    await sleep(1);
    // Listeners run in the context that emits, whatever it is.
    await tracer.span('emitting', async () => emitter.emit('tick'));
  },
  microtasks: () => new Promise((resolve) => queueMicrotask(() => {
    burn();
    process.nextTick(() => resolve(burn()));
  })),
  async immediates() {
    await immediate();
    burn();
    await new Promise((resolve) => setImmediate(resolve));
    burn();
  },
  async threadPool() {
    await promisify((done) => randomBytes(64, done));
    burn();
    await promisify((done) => pbkdf2('a', 'b', 10, 16, 'sha1', done));
    burn();
    await promisify((done) => readFile(__filename, (error, text) => done(error, burn() ?? text)));
  },
  async resources() {
    const resource = new AsyncResource('TEST');
    await tracer.span('elsewhere', async () => {
      burn(2);
      resource.runInAsyncScope(() => burn());
      burn(2);
      await null;
      burn(2);
      AsyncResource.bind(() => burn(2))();
    });
    const snapshot = AsyncLocalStorage.snapshot();
    await sleep(1);
    snapshot(() => burn());
  },
  async iterators() {
    for await (const _ of numbers(3)) burn(2);
  },
  async all() {
    await Promise.all([1, 2, 3].map(async (ms) => {
      burn(2);
      await sleep(ms);
      burn(2);
    }));
    await Promise.allSettled([Promise.reject(new Error('expected')), sleep(1)]);
    burn();
  },
  async nested() {
    await tracer.span('child', async () => {
      burn();
      await tracer.span('grandchild', async () => {
        await sleep(1);
        burn();
      });
      burn();
    });
    burn();
  },
  async endedBefore() {
    let later;
    await tracer.span('short', async () => {
      later = new Promise((resolve) => setTimeout(() => resolve(burn()), 3));
    });
    burn();
    await later;
  },
  async entering() {
    steps.enterWith('entered');
    burn();
    await sleep(1);
    burn();
    steps.exit(() => burn());
    steps.run('inner', () => burn());
    burn(2);
    steps.enterWith('left');
    await null;
    burn();
  },
  /** A generator runs in the context that asks for the next value, not in the one that made it. */
  async madeElsewhere() {
    const made = await tracer.span('maker', async () => steps.run('making', () => numbers(3)));
    await made.next();
    burn(2);
    for await (const _ of made) burn(2);
  },
  async thenables() {
    const thenable = { then: (resolve) => resolve(burn(2)) };
    await thenable;
    burn(2);
    await Promise.resolve(thenable);
    burn(2);
  },
  async errors() {
    try {
      await Promise.any([Promise.reject(new Error('expected'))]);
    } catch {
      burn(2);
    }
    await sleep(1).then(() => burn(2)).finally(() => burn(2));
  },
  /** Another request's span ends this one's wait, as in a pool of connections. */
  async pool() {
    const done = new Promise((resolve) => waiting.push(AsyncResource.bind(() => resolve(burn())), () => burn()));
    for (const ms of [2, 1]) {
      await sleep(ms);
      await tracer.span('draining', async () => waiting.shift()?.());
    }
    await done;
  },
  async boundStores() {
    channel.runStores('fromChannel', () => burn());
    burn(2);
    await null;
    burn(2);
  },
  /** The response comes over a connection that other requests use, too. */
  async keepAlive() {
    server ??= await startServer();
    const response = await promisify((done) => http.get({ port: server.address().port, host: '127.0.0.1', agent }, (answer) => done(null, answer)));
    burn(2);
    for await (const _ of response) burn(2);
    burn(2);
  },
};

/** Callbacks of all requests, in the order in which they came. */
const waiting = [];
const channel = diagnostics.channel('hotspan-test');
channel.bindStore(steps);
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
let server;
function startServer() {
  const made = http.createServer((request, response) => response.end('x'));
  made.unref();
  return new Promise((resolve) => made.listen(0, '127.0.0.1', () => resolve(made)));
}

async function request(id, rounds) {
  const names = Object.keys(ways);
  // Every request goes another way at the same time.
  const order = names.map((_, i) => names[(i * 5 + id) % names.length]);
  await tracer.span(`request${id}`, async () => {
    burn();
    for (let round = 0; round < rounds; round++) {
      for (const name of order) {
        await tracer.span(name, () => steps.run(`s${id}`, ways[name]));
        burn(2);
      }
    }
  });
}

/**
 * @param given { span(name, fn), active() }: runs fn in a new child span; the unique name of the active span
 */
module.exports = async function workload(given, { requests = 6, rounds = 2, warmUpMs = 800 } = {}) {
  tracer = given;
  // A tracing library is noticed with the first samples.
  for (const end = performance.now() + warmUpMs; performance.now() < end; await sleep(1)) burnerOf('burn__warmup__none')(5);
  await Promise.all(Array.from({ length: requests }, (_, id) => request(id, rounds)));
  agent.destroy();
  burn();
};
module.exports.steps = steps;
