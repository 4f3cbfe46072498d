// Apps in which something is odd with what gives labels (argv[2]). Each prints what it would print without hotspan.
'use strict';
const Module = require('node:module');

/** A copy of @opentelemetry/api of its own, as a second version in node_modules is. */
function freshApi() {
  for (const key of Object.keys(Module._cache)) if (key.includes('@opentelemetry/api')) delete Module._cache[key];
  return require('@opentelemetry/api');
}

function burn(ms) {
  let x = 1;
  for (const end = performance.now() + ms; performance.now() < end; ) for (let i = 0; i < 1000; i++) x = (Math.imul(x, 31) + i) | 0;
  return x;
}
const rest = () => new Promise((resolve) => setTimeout(resolve, 5));

const apps = {
  async severalApis() {
    const first = freshApi();
    const second = freshApi();
    if (first === second || first.trace === second.trace) throw new Error('one copy only');
    new (require('@opentelemetry/sdk-trace-node').NodeTracerProvider)().register();
    await second.trace.getTracer('b').startActiveSpan('b', async (span) => {
      console.log(first.trace.getActiveSpan() === span);
      for (let i = 0; i < 100; i++) await rest(burn(8));
      span.end();
    });
  },
  async none() {
    for (let i = 0; i < 100; i++) await rest(burn(8));
    console.log('none');
  },
  async throwing() {
    const { addLabelProvider } = require('hotspan');
    addLabelProvider(function bad() {
      throw new Error('no tenant');
    });
    addLabelProvider(async function late() {
      throw new Error('unheard');
    });
    addLabelProvider(() => 7);
    addLabelProvider(() => ({ get trap() { throw null; } }));
    addLabelProvider(() => ({ good: 'yes', odd: Symbol('s'), big: 5n, deep: {}, no: undefined }));
    for (let i = 0; i < 100; i++) await rest(burn(8));
    console.log('throwing');
  },
  /** Ends before a signal ever came: the sample that closes the profile is the only one. */
  async closing() {
    const { stop, withLabels } = require('hotspan');
    await withLabels({ closing: 'yes' }, () => stop());
    console.log('closing');
  },
  async slow() {
    const { addLabelProvider, stats, withLabels } = require('hotspan');
    const started = performance.now();
    addLabelProvider(function slow() {
      burn(30);
      return { slow: 'yes' };
    });
    for (let i = 0; i < 200; i++) await withLabels({ quick: 'yes' }, async () => rest(burn(8)));
    const { calls, skipped } = stats().labels.sources.find(({ name }) => name.includes('slow'));
    console.log(JSON.stringify({ calls, skipped, seconds: (performance.now() - started) / 1000 }));
  },
  /** An old or foreign thing under the global name of the API. */
  async foreignGlobal() {
    globalThis[Symbol.for('opentelemetry.js.api.1')] = { context: { active: () => ({ getValue: () => 'span?' }) }, trace: 5 };
    globalThis._ddtrace = { scope: () => ({ active: () => ({}) }) };
    for (let i = 0; i < 100; i++) await rest(burn(8));
    console.log('foreign');
  },
};

void apps[process.argv[2]]();
