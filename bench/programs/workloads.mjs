// Work for paired.mjs: each gives, for a level, a function that does the same fixed work whenever it is called. `level` is
// what the scenario varies; `ascending` levels cannot be taken back, so they come in order.
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { loadFunctions } from './generated-functions.mjs';
import { ownLabels, runSpans, tracedSpans } from './spans.mjs';

function spin(x, n) {
  for (let i = 0; i < n; i++) x = (Math.imul(x, 31) + i) | 0;
  return x;
}

let sink = 1;

/** Keeps a recursion from being inlined away: each level passes through one of several functions. */
const steps = Array.from({ length: 10 }, (_, k) => new Function('steps', 'leaf', `return function step_${k}(left, path, n) {
  if (left === 0) return leaf(path + ${k}, n);
  return steps[path % 10](left - 1, (path / 10) | 0, n) + ${k};
}`));
const tree = [];
for (const make of steps) tree.push(make(tree, spin));

/** `frames` deep, in one of `10 ** frames` ways that `path` tells. */
const descend = (frames, path, n) => tree[path % 10](frames - 1, (path / 10) | 0, n);

const kept = [];

/** Short-lived objects, arrays, strings, closures and buffers, some of which stay a while. */
function allocate(n) {
  for (let i = 0; i < n; i++) {
    const record = { id: i, name: `item ${i}`, tags: [i, i + 1, i + 2], next: null };
    record.next = { find: () => record.id };
    if (i % 100 === 0) kept[(i / 100) % 5000] = record;
    if (i % 1000 === 0) kept[5000 + ((i / 1000) % 50)] = Buffer.alloc(16 * 1024, i);
  }
}

export const workloads = {
  /** Ordinary work, 20 frames deep; the level is the rate. */
  rate: { rateIsLevel: true, async prepare() {
    return (units) => { for (let i = 0; i < 20 * units; i++) sink = descend(20, (i * 7919) % 1000, 40_000 / 20); };
  } },
  depth: { async prepare(frames) {
    return (units) => { for (let i = 0; i < units; i++) sink = descend(frames, 12345, 40_000); };
  } },
  /** Stacks 12 deep that differ. */
  stacks: { async prepare(count) {
    let next = 0;
    return (units) => { for (let i = 0; i < 20 * units; i++) sink = descend(12, (next += 7919) % count, 40_000 / 20); };
  } },
  liveSpans: { ascending: true, async prepare(count) {
    const spans = (globalThis.liveSpans ??= []);
    if (spans.length === 0) tracedSpans();
    for (let i = spans.length; i < count; i++) {
      spans.push(trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext({ traceId: i.toString(16).padStart(32, 'a'), spanId: i.toString(16).padStart(16, 'b'), traceFlags: 1 })));
    }
    let next = 0;
    return (units) => {
      for (let i = 0; i < 20 * units; i++) sink = context.with(spans[(next += 7919) % count], spin, undefined, sink, 40_000 / 20);
    };
  } },
  functions: { ascending: true, async prepare(count) {
    const state = (globalThis.loadedFunctions ??= { count: 0, calls: [] });
    if (count > state.count) state.calls.push(loadFunctions(count - state.count, `from_${state.count}`));
    state.count = count;
    // The code that runs is the same at each level: what is loaded beside it differs.
    return (units) => { for (let i = 0; i < units; i++) sink = state.calls[0](150); };
  } },
  /** Compiles new code and runs it once; the level is how many functions in one piece of work. */
  compiled: { fixed: true, async prepare(count) {
    let made = 0;
    return () => {
      for (let i = 0; i < count; i += 10) {
        const names = Array.from({ length: 10 }, () => `compiled_${made++}`);
        sink = new Function('x', `${names.map((name) => `function ${name}(x) { return (x * 31 + ${made}) | 0; }`).join('\n')} return ${names.reduce((inner, name) => `${name}(${inner})`, 'x')};`)(sink);
      }
    };
  } },
  /** Does nothing but allocate: the worst case for what costs something per byte. */
  allocating: { async prepare() {
    return (units) => allocate(1000 * units);
  } },
  /** As much as a service may: documents of 300 records are parsed. */
  parsing: { async prepare() {
    const text = JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ id: i, name: `user ${i}`, tags: ['a', 'b', String(i)], at: { x: i, y: [i, i] } })));
    return (units) => { for (let i = 0; i < units; i++) kept[i % 10] = JSON.parse(text); };
  } },
  spansCreated: { fixed: true, async prepare(count) {
    const inSpan = (globalThis.inSpan ??= tracedSpans());
    return (part) => runSpans(inSpan, count * part);
  } },
  ownLabels: { fixed: true, async prepare(count) {
    const inSpan = (globalThis.inSpan ??= await ownLabels());
    return (part) => runSpans(inSpan, count * part);
  } },
};
