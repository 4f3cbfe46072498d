import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';

import { ddTraceSource } from '../../../src/labels/dd-trace.ts';
import { endpointCounts } from '../../../src/labels/endpoint-counts.ts';
import { FlatLabels } from '../../../src/labels/flat-labels.ts';

interface Span { context(): Context }
interface Context { _trace: { started: Span[] }; _tags: Record<string, unknown>; _isFinished: boolean; toTraceId(): string; toSpanId(): string }

function startSpan(id: string, trace: Context['_trace'], tags = {}): Span {
  const context = { _trace: trace, _tags: tags, _isFinished: false, toTraceId: () => '7', toSpanId: () => id };
  const span = { context: () => context, finish: () => {} };
  trace.started.push(span);
  return span;
}

function finishSpan(span: Span): void {
  span.context()._isFinished = true;
  channel('dd-trace:span:finish').publish(span);
}

describe('the dd-trace source', () => {
  let active: Span | undefined;
  const source = ddTraceSource({ newLateValue: () => 1, setLateValue: () => {} });
  const rootOf = (span: Span): unknown => {
    active = span;
    const flat = new FlatLabels();
    source.collect(flat);
    return ['local_root_span_id', 'endpoint'].map((key) => flat.values[flat.values.indexOf(key) + 1]);
  };

  before(() => {
    Object.assign(globalThis, { _ddtrace: { scope: () => ({ active: () => active }) } });
    assert.equal(source.isActive(), true);
  });
  after(() => {
    delete (globalThis as { _ddtrace?: unknown })._ddtrace;
  });

  it('knows the root of a trace that was sent before anyone asked', () => {
    const trace = { started: [] as Span[] };
    const root = startSpan('a', trace, { 'http.route': '/users/:id', 'http.method': 'GET' });
    const child = startSpan('b', trace);
    finishSpan(child);
    finishSpan(root);
    trace.started = [];
    const rootId = 'a'.padStart(16, '0');
    assert.deepEqual(rootOf(child), [rootId, 'GET /users/:id']);
    // What goes on after the request is still the request's.
    assert.deepEqual(rootOf(startSpan('c', trace)), [rootId, 'GET /users/:id']);
  });

  it('counts each root that ends, by endpoint', () => {
    endpointCounts.begin();
    for (const sent of [false, true]) {
      const trace = { started: [] as Span[] };
      const root = startSpan('a', trace, { 'http.route': '/users/:id', 'http.method': 'GET' });
      finishSpan(startSpan('b', trace, { 'http.route': '/not/the/root' }));
      finishSpan(root);
      if (sent) trace.started = [];
      finishSpan(startSpan('c', trace, { 'http.route': '/not/the/root' }));
    }
    assert.deepEqual(endpointCounts.take(), { 'GET /users/:id': 2 });
  });

  it('never throws into what ends a span', () => {
    for (const odd of [undefined, {}, { context: () => undefined }, { context: () => ({ _trace: Object.freeze({ started: [startSpan('d', { started: [] })] }) }) }]) {
      channel('dd-trace:span:finish').publish(odd);
    }
  });
});
