import { numberIn, runChild, variantChild, type Message } from '../support/child.ts';
import { compareVariants, rowsOf, type Measure } from '../support/compare-variants.ts';
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
JS thread is blocked for; those that encode and compress on that thread have it in their figure. *Allocating*: fixed work
that does little else, with the sampler on from the start.`,
  plots: [
    { kind: 'bars', file: 'heap-take', title: 'Taking a heap profile: time the JS thread is blocked', measures: ['taking a profile: blocked', 'taking the first profile: blocked'], log: true },
    { kind: 'bars', file: 'heap-allocating', title: 'Allocating work with heap profiles on, above none', measures: ['allocating: CPU, above none'] },
  ],
  run: async (context) => [...(await takeRows(context)), ...(await allocationRows(context))],
};

async function takeRows(context: BenchContext): Promise<Row[]> {
  const outcomes = await compareVariants(context, { needs: 'heap', rounds: Math.ceil(0.6 * context.rounds), ...fewIn(context) }, (variant) =>
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
  const outcomes = await compareVariants(context, { needs: 'heap', rounds: context.quick ? 1 : Math.ceil(1.6 * context.rounds), ...fewIn(context) }, (variant) =>
    withDirectory((directory) => {
      const settings = { rateHz: 99, directory, intervalBytes, rounds: context.quick ? 3 : 12 };
      return runChild(variantChild(variant, { node: context.node.path, program: 'allocate.mjs', settings }));
    }),
  );
  const pick = (key: string) => (result: Message): number => numberIn(result, key);
  return [
    ...rowsOf(outcomes, { measure: 'allocating: time', unit: 'ms', pick: pick('wallMs'), claim: 'throughput' }),
    ...rowsOf(outcomes, { measure: 'allocating: time, above none', unit: '%', pick: pick('wallMs'), above: 'percent', bar: { atMost: 1 } }),
    ...rowsOf(outcomes, { measure: 'allocating: CPU, above none', unit: '%', pick: pick('cpuMs'), above: 'percent', bar: { atMost: 1 } }),
  ];
}

const fewIn = ({ quick }: BenchContext): { only?: string[] } => (quick ? { only: ['none', 'hotspan'] } : {});

function costsIn({ costs }: Message): readonly Cost[] {
  return costs as readonly Cost[];
}
