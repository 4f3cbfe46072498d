import { numberIn, runChild, type Message } from '../support/child.ts';
import { interleave } from '../support/interleave.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { Row, Scenario } from '../support/scenario.ts';
import { median, ratios } from '../support/statistics.ts';

const intervalBytes = 512 * 1024;

interface Cost {
  readonly callMs: number;
  readonly cpuMs: number;
}

export const heap: Scenario = {
  name: 'heap',
  title: "taking the heap profile with the TypeScript compiler's program in memory; allocating with heap profiles on and off",
  async run({ node, quick, datadog, note }) {
    if (datadog === undefined) note('@datadog/pprof is left out; install it somewhere and give --datadog DIR');
    return [...(await takeRows(node.path, quick, datadog)), ...(await allocationRows(node.path, quick))];
  },
};

async function takeRows(node: string, quick: boolean, datadog: string | undefined): Promise<Row[]> {
  const variants = datadog === undefined ? ['hotspan'] : ['hotspan', 'datadog'];
  const results = await interleave(variants, quick ? 2 : 5, (variant) =>
    withDirectory(async (directory) => {
      const settings = { variant, directory, datadog, takes: quick ? 5 : 10, intervalBytes };
      return costsIn(await runChild({ node, program: 'heap-take.mjs', settings }));
    }),
  );
  // The first profile makes V8 find the lines of all scripts once, for either: a row of its own.
  const measures = [
    { measure: 'taking the profile: blocked', pick: (costs: readonly Cost[]) => costs.slice(1).map(({ callMs }) => callMs) },
    { measure: 'taking the profile: CPU', pick: (costs: readonly Cost[]) => costs.slice(1).map(({ cpuMs }) => cpuMs) },
    { measure: 'taking the first profile: CPU', pick: (costs: readonly Cost[]) => costs.slice(0, 1).map(({ cpuMs }) => cpuMs) },
  ];
  return measures.flatMap(({ measure, pick }): Row[] => {
    const of = (variant: string): number[] => (results.get(variant) ?? []).map((costs) => median(pick(costs)));
    const rows = variants.map((variant): Row => ({ measure, variant, unit: 'ms', values: of(variant) }));
    if (datadog === undefined) return rows;
    const values = ratios(of('hotspan'), of('datadog')).map((ratio) => 100 * ratio);
    return [...rows, { measure: `${measure}, share of datadog's`, variant: 'hotspan', unit: '%', values, bar: { atMost: 50 } }];
  });
}

async function allocationRows(node: string, quick: boolean): Promise<Row[]> {
  const variants = ['off', 'hotspan'] as const;
  const results = await interleave(variants, quick ? 3 : 15, (variant) =>
    withDirectory((directory) =>
      runChild({ node, program: 'allocate.mjs', settings: { variant, directory, intervalBytes, rounds: quick ? 10 : 30 } }),
    ),
  );
  const of = (variant: (typeof variants)[number], key: string): number[] =>
    (results.get(variant) ?? []).map((result) => numberIn(result, key));
  return (['wallMs', 'cpuMs'] as const).flatMap((key): Row[] => {
    const measure = `allocating: ${key === 'wallMs' ? 'time' : 'CPU of all threads'}`;
    const above = ratios(of('hotspan', key), of('off', key)).map((ratio) => 100 * (ratio - 1));
    return [
      { measure, variant: 'off', unit: 'ms', values: of('off', key) },
      { measure: `${measure}, above off`, variant: 'hotspan', unit: '%', values: above, bar: { atMost: 1 } },
    ];
  });
}

function costsIn({ costs }: Message): readonly Cost[] {
  return costs as readonly Cost[];
}
