import { setTimeout as sleep } from 'node:timers/promises';

import { numberIn, variantChild, withChild } from '../support/child.ts';
import { compareVariants, rowsOf } from '../support/compare-variants.ts';
import { readProcessCounters } from '../support/process-counters.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Scenario } from '../support/scenario.ts';
import type { Variant } from '../support/variants.ts';

interface IdleResult {
  readonly utilization: number;
  /** Milliseconds a second, of all threads. */
  readonly cpu: number;
  /** Each a second, of all threads. */
  readonly wakeUps: number;
  readonly switches: number;
}

export const idle: Scenario = {
  name: 'idle',
  title: 'a listening server nobody calls: event loop utilization, CPU, wake-ups, context switches',
  about: `A server that nobody calls, with a running profiler, from its twentieth second on: eight seconds after a start that
allocated more than a little V8 tidies its heap, once, whoever caused it. The kernel's counters of all threads are read
from outside, so that reading wakes nothing. Event loop utilization is what autoscalers read: 1 means busy. All
variants at the same time.`,
  plots: [{ kind: 'bars', file: 'idle', title: 'Wake-ups of an idle process', measures: ['wake-ups of all threads, above none'] }],
  async run(context) {
    const outcomes = await compareVariants(context, { rounds: context.rounds, sideBySide: true }, (variant) => measure(context, variant));
    return [
      ...rowsOf(outcomes, { measure: 'event loop utilization', unit: '', pick: ({ utilization }) => utilization }),
      ...rowsOf(outcomes, { measure: 'event loop utilization, above none', unit: '', pick: ({ utilization }) => utilization, above: 'difference', claim: 'idle cost', bar: { atMost: 0.001 } }),
      ...rowsOf(outcomes, { measure: 'CPU of all threads, above none', unit: 'ms/s', pick: ({ cpu }) => cpu, above: 'difference', claim: 'idle cost', bar: { atMost: 0.5 } }),
      ...rowsOf(outcomes, { measure: 'wake-ups of all threads, above none', unit: '/s', pick: ({ wakeUps }) => wakeUps, above: 'difference', claim: 'idle cost', bar: { atMost: 0 } }),
      ...rowsOf(outcomes, { measure: 'context switches of all threads, above none', unit: '/s', pick: ({ switches }) => switches, above: 'difference', claim: 'idle cost' }),
    ];
  },
};

function measure({ node, quick }: BenchContext, variant: Variant): Promise<IdleResult> {
  return withDirectory((directory) =>
    withChild(variantChild(variant, { node: node.path, program: 'idle-server.mjs', settings: { rateHz: 99, directory } }), async (child) => {
      await child.receive('idle');
      await sleep(quick ? 1500 : 17_500);
      await child.ask({ type: 'mark' });
      await sleep(quick ? 1000 : 2000); // that woke it: half a second until the sampler sleeps again
      const before = readProcessCounters(child.pid);
      await sleep(quick ? 2000 : 12_000);
      const after = readProcessCounters(child.pid);
      const result = await child.ask({ type: 'report' });
      const seconds = (after.atMs - before.atMs) / 1000;
      return {
        utilization: numberIn(result, 'utilization'),
        cpu: (after.cpuNs - before.cpuNs) / 1e6 / seconds,
        wakeUps: (after.sleeps - before.sleeps) / seconds,
        switches: (after.sleeps + after.preempted - before.sleeps - before.preempted) / seconds,
      };
    }),
  );
}
