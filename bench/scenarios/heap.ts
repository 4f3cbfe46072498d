import { runChild, variantChild, type Message } from '../support/child.ts';
import { compareVariants, fewerRounds, rowsOf, type Measure } from '../support/compare-variants.ts';
import { measurePairs, type Added } from '../support/paired.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';
import { median } from '../support/statistics.ts';

const intervalBytes = 512 * 1024;

interface Cost {
  readonly callMs: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

export const heap: Scenario = {
  name: 'heap',
  title: "taking a heap profile with the TypeScript compiler's program in memory; throughput of allocating work",
  about: `One sample for each 512 KiB allocated, in all. *Taking a profile*: a process that holds the TypeScript compiler's program with
all its types (the median of several; the first stands apart, since it also finds names and lines). The figure is what the
JS thread is blocked for; those that encode and compress on that thread have it in their figure. *Allocating* is a loop that
does nothing else, some GB a second: the worst case for what costs something per byte. *Parsing* are JSON documents. Each
process runs the same work with the sampler off and on, over and over in random order, and gives the median of its pairs.
\`none\` is off against off: the error of the method.`,
  plots: [
    { kind: 'bars', file: 'heap-take', title: 'Taking a heap profile: time the JS thread is blocked', measures: ['taking a profile: blocked', 'taking the first profile: blocked'], log: true },
    { kind: 'bars', file: 'heap-allocating', title: 'Allocating work with heap profiles on, above the same without', measures: ['allocating: time', 'parsing: time'] },
  ],
  run: async (context) => [...(await takeRows(context)), ...(await allocationRows(context))],
};

async function takeRows(context: BenchContext): Promise<Row[]> {
  const outcomes = await compareVariants(context, { needs: 'heap', rounds: fewerRounds(context), ...fewIn(context) }, (variant) =>
    withDirectory(async (directory) => {
      const settings = { rateHz: 99, directory, takes: context.quick ? 2 : 6, intervalBytes };
      return costsIn(await runChild(variantChild(variant, { node: context.node.path, program: 'heap-take.mjs', settings })));
    }),
  );
  const measures: Measure<readonly Cost[]>[] = [
    { measure: 'taking a profile: blocked', unit: 'ms', pick: ([, ...costs]) => median(costs.map(({ callMs }) => callMs)) },
    { measure: 'taking a profile: CPU of the JS thread', unit: 'ms', pick: ([, ...costs]) => median(costs.map(({ cpuMs }) => cpuMs)) },
    { measure: 'taking the first profile: blocked', unit: 'ms', pick: ([first]) => first?.callMs ?? NaN },
    { measure: 'bytes of a heap profile', unit: 'kB', pick: (costs) => (costs.at(-1)?.bytes ?? NaN) / 1000 },
  ];
  return measures.flatMap((measure) => rowsOf(outcomes, measure).filter(({ variant, unit }) => unit !== 'kB' || variant !== 'none'));
}

async function allocationRows(context: BenchContext): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workload of ['allocating', 'parsing'] as const) {
    const settings = { workload, levels: [1], repetitions: context.quick ? 2 : 12, workMs: context.quick ? 20 : 120, rateHz: 99, intervalBytes };
    const outcomes = await compareVariants<Added>(context, { needs: 'heap', rounds: context.rounds, ...fewIn(context) }, async (variant) => {
      return (await measurePairs(context, variant, settings)).get(1)!;
    });
    const bar = { atMost: 1 };
    rows.push(
      ...rowsOf(outcomes, { measure: `${workload}: time`, unit: '%', pick: ({ timePercent }) => timePercent, compare: 'difference', claim: 'throughput', bar }),
      ...rowsOf(outcomes, { measure: `${workload}: CPU of all threads`, unit: '%', pick: ({ percent }) => percent, compare: 'difference', bar }),
    );
  }
  return rows;
}

const fewIn = ({ quick }: BenchContext): { only?: string[] } => (quick ? { only: ['none', 'hotspan'] } : {});

function costsIn({ costs }: Message): readonly Cost[] {
  return costs as readonly Cost[];
}
