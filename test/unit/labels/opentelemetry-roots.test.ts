import assert from 'node:assert/strict';
import { trace, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';

import { attachProcessor, HotspanSpanProcessor, localRootMarks, localRootOf } from '../../../src/labels/opentelemetry-roots.ts';
import { endpointCounts } from '../../../src/labels/endpoint-counts.ts';
import type { OtelSpan } from '../../../src/labels/opentelemetry-api.ts';

const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1, isRemote: true };

describe('HotspanSpanProcessor', () => {
  const provider = new BasicTracerProvider();
  attachProcessor(provider);
  const tracer = provider.getTracer('test');
  const start = (parent: Context): [OtelSpan, Context] => {
    const span = tracer.startSpan('span', {}, parent);
    return [span, trace.setSpan(parent, span)];
  };

  it('leaves the attributes of the spans alone where no backend asks for a mark', () => {
    const [root] = start(ROOT_CONTEXT);
    assert.deepEqual(root.attributes, {});
    assert.equal(localRootOf(root), root);
  });

  it('marks local roots, those with a remote parent too, and no others', () => {
    localRootMarks.wanted = true;
    for (const above of [ROOT_CONTEXT, trace.setSpanContext(ROOT_CONTEXT, remote)]) {
      const [root, inRoot] = start(above);
      const [child, inChild] = start(inRoot);
      const [grandchild] = start(inChild);
      assert.equal(root.attributes?.['pyroscope.profile.id'], root.spanContext().spanId);
      assert.deepEqual([child.attributes, grandchild.attributes], [{}, {}]);
      assert.deepEqual([root, child, grandchild].map((span) => localRootOf(span) === root), [true, true, true]);
    }
    localRootMarks.wanted = false;
  });

  it('counts local roots that end, by endpoint, once somebody wants it', () => {
    const end = (endpoint: Record<string, string>, parent = ROOT_CONTEXT): Context => {
      const span = counting.startSpan('span', { attributes: endpoint }, parent);
      span.end();
      return trace.setSpan(parent, span);
    };
    const route = { 'http.route': '/users/:id', 'http.request.method': 'GET' };
    endpointCounts.begin();
    const other = new BasicTracerProvider();
    attachProcessor(other);
    const counting = other.getTracer('test');
    const inside = end(route);
    end(route, inside);
    end(route, trace.setSpanContext(ROOT_CONTEXT, remote));
    end({});
    end({ 'http.route': '/health' });
    assert.deepEqual(endpointCounts.take(), { 'GET /users/:id': 2, '/health': 1 });
    for (let i = 0; i < 3000; i++) endpointCounts.add(`GET /${i}`);
    const many = endpointCounts.take();
    assert.deepEqual([Object.keys(many).length, many['(other endpoints)']], [1001, 2000]);
    assert.deepEqual(endpointCounts.take(), {});
  });

  it('lets no call of the app fail for a span that cannot be read', () => {
    const unreadable = new Proxy({}, { get: () => { throw new Error('not yet'); } }) as OtelSpan;
    const processor = new HotspanSpanProcessor();
    endpointCounts.begin();
    processor.onStart(unreadable, ROOT_CONTEXT);
    processor.onEnd(unreadable);
    assert.deepEqual(endpointCounts.take(), {});
  });

  it('leaves a span alone that takes no mark', () => {
    const [, inRoot] = start(ROOT_CONTEXT);
    const frozen = Object.freeze({ attributes: {}, parentSpanContext: { ...remote, isRemote: false }, spanContext: () => remote });
    new HotspanSpanProcessor().onStart(frozen, inRoot);
    assert.equal(localRootOf(frozen), undefined);
  });
});
