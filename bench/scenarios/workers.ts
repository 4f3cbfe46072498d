import { setTimeout as sleep } from 'node:timers/promises';

import { variantChild, withChild } from '../support/child.ts';
import { compareVariants, fewerRounds, rowsOf } from '../support/compare-variants.ts';
import { readMemory, readProcessCounters } from '../support/process-counters.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';
import type { Variant } from '../support/variants.ts';

interface WorkersResult {
  /** Percent of a processor. */
  readonly cpu: number;
  readonly rssMiB: number;
}

const levels = [0, 1, 8, 32];
const cpuMeasure = 'CPU by workers, above none';
const memoryMeasure = 'memory by workers, above none';

export const workers: Scenario = {
  name: 'workers',
  title: 'what it costs to profile 0 to 32 worker threads that work a little',
  about: `Workers that each use one or two percent of a processor, profiled at 99 Hz from their start, beside the same program without
a profiler at the same time. The peers profile the thread that loads them.`,
  plots: [
    { kind: 'lines', file: 'workers-cpu', title: 'CPU by workers, above none', measure: cpuMeasure, xLabel: 'workers' },
    { kind: 'lines', file: 'workers-memory', title: 'Resident memory by workers, above none', measure: memoryMeasure, xLabel: 'workers' },
  ],
  fits: [
    { measure: cpuMeasure, expects: 'open', per: 'worker' },
    { measure: memoryMeasure, expects: 'open', per: 'worker' },
  ],
  async run(context) {
    const rows: Row[] = [];
    for (const x of context.quick ? levels.slice(0, 2) : levels) {
      const outcomes = await compareVariants(context, { needs: 'workers', rounds: fewerRounds(context), sideBySide: true }, (variant) => measure(context, variant, x));
      rows.push(
        ...rowsOf(outcomes, { measure: cpuMeasure, unit: '%', pick: ({ cpu }) => cpu, above: 'difference', x }),
        ...rowsOf(outcomes, { measure: memoryMeasure, unit: 'MiB', pick: ({ rssMiB }) => rssMiB, above: 'difference', x }),
      );
    }
    return rows;
  },
};

function measure({ node, quick }: BenchContext, variant: Variant, count: number): Promise<WorkersResult> {
  return withDirectory((directory) =>
    withChild(variantChild(variant, { node: node.path, program: 'workers.mjs', settings: { workers: count, rateHz: 99, directory } }), async (child) => {
      await child.receive('running');
      const before = readProcessCounters(child.pid);
      await sleep(quick ? 1000 : 5000);
      const after = readProcessCounters(child.pid);
      const { rssMiB } = readMemory(child.pid);
      await child.ask({ type: 'stop' });
      return { cpu: (after.cpuNs - before.cpuNs) / 1e4 / (after.atMs - before.atMs), rssMiB };
    }),
  );
}
