import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { countOf, sumBy, type Sample } from '../support/pprof-query.ts';
import { runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('programs/frameworks.cjs', import.meta.url));
const endpoints: Readonly<Record<string, string>> = {
  handle_users: 'GET /users/:id',
  handle_items: 'GET /orders/:order/items/:item',
  handle_health: 'GET /health',
};

for (const node of nodesUnderTest()) {
  describeNeeding(['labels'], `frameworks on Node ${node.version}`, function () {
    this.timeout(120_000);
    for (const [framework, tracer] of [['express', 'otel'], ['fastify', 'otel'], ['express', 'ddTrace'], ['fastify', 'ddTrace']] as const) {
      it(`${framework}, ${tracer}: every sample in a handler has its route, its spans and one root`, async () => {
        const run = await runProfiled({ node: node.path, program, args: [framework, tracer] });
        assert.equal(run.code, 0, run.stderr);
        const inHandlers = (run.profile?.samples ?? []).filter((sample) => handlerOf(sample) !== undefined);
        for (const [handler, endpoint] of Object.entries(endpoints)) {
          const own = inHandlers.filter((sample) => handlerOf(sample) === handler);
          assert.ok(sumBy(own, countOf) >= 50, `${sumBy(own, countOf)} samples in ${handler}`);
          const unlike = own.filter(({ labels }) => labels['endpoint'] !== endpoint);
          assert.deepEqual(unlike.map(({ labels, frames }) => ({ labels, frames: frames.slice(0, 8).map(({ name }) => name) })).slice(0, 3), []);
        }
        const unlinked = inHandlers.filter(({ labels }) => !/^[0-9a-f]{32}$/.test(labels['trace_id'] ?? '') || !/^[0-9a-f]{16}$/.test(labels['local_root_span_id'] ?? ''));
        assert.deepEqual(unlinked.slice(0, 3), []);
      });
    }
  });
}

function handlerOf(sample: Sample): string | undefined {
  return sample.frames.find(({ name }) => Object.hasOwn(endpoints, name))?.name;
}
