import { numberIn } from '../support/child.ts';
import { compareVariants, rowsOf } from '../support/compare-variants.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Scenario } from '../support/scenario.ts';
import { withService } from '../support/service.ts';
import type { Variant } from '../support/variants.ts';

interface ThroughputResult {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const throughput: Scenario = {
  name: 'throughput',
  title: 'a Fastify service with OpenTelemetry under a fixed number of requests: throughput, CPU, latency',
  about: `Fastify with OpenTelemetry's instrumentations of HTTP and Fastify answers a fixed number of requests of a client in
another process, over 8 kept connections that each ask again as soon as they are answered. The profiler runs before the
warm-up begins. CPU is that of all threads of the service, so profilers' own threads are in it.`,
  plots: [{ kind: 'bars', file: 'throughput', title: 'CPU for a request, above the service without a profiler', measures: ['CPU for a request, above none'] }],
  async run(context) {
    const outcomes = await compareVariants(context, { rounds: context.quick ? 1 : Math.ceil(1.6 * context.rounds) }, (variant) => measure(context, variant));
    return [
      ...rowsOf(outcomes, { measure: 'throughput', unit: 'requests/s', pick: ({ perSecond }) => perSecond, moreIsBetter: true, claim: 'throughput' }),
      ...rowsOf(outcomes, { measure: 'throughput, above none', unit: '%', pick: ({ perSecond }) => perSecond, above: 'percent', moreIsBetter: true }),
      ...rowsOf(outcomes, { measure: 'CPU for a request', unit: 'us', pick: ({ cpuUs }) => cpuUs, claim: 'throughput' }),
      ...rowsOf(outcomes, { measure: 'CPU for a request, above none', unit: '%', pick: ({ cpuUs }) => cpuUs, above: 'percent' }),
      ...rowsOf(outcomes, { measure: 'latency p50', unit: 'ms', pick: ({ p50Ms }) => p50Ms }),
      ...rowsOf(outcomes, { measure: 'latency p99', unit: 'ms', pick: ({ p99Ms }) => p99Ms }),
    ];
  },
};

function measure(context: BenchContext, variant: Variant): Promise<ThroughputResult> {
  return withDirectory((directory) =>
    withService(context, variant, { rateHz: 99, directory }, async (service) => {
      await service.start();
      await service.load({ requests: context.quick ? 300 : 3000 });
      const before = await service.cpuMs();
      const result = await service.load({ requests: context.quick ? 500 : 10_000 });
      const cpuMs = (await service.cpuMs()) - before;
      const answered = numberIn(result, 'requests');
      return {
        perSecond: (1000 * answered) / numberIn(result, 'wallMs'),
        cpuUs: (1000 * cpuMs) / answered,
        p50Ms: numberIn(result, 'p50Ms'),
        p99Ms: numberIn(result, 'p99Ms'),
      };
    }),
  );
}
