import { compareVariants, fewerRounds, rowsOf, type Measure } from '../support/compare-variants.ts';
import { measurePairs, type Added, type Workload } from '../support/paired.ts';
import type { BenchContext, Fit, Row, Scenario } from '../support/scenario.ts';
import type { LinePlot } from '../report/plot-types.ts';

interface Series {
  readonly workload: Workload;
  readonly measure: string;
  readonly xLabel: string;
  readonly levels: readonly number[];
  readonly only: readonly string[];
  readonly unit: string;
  readonly pick: (added: Added, level: number) => number;
  readonly expects: Fit['expects'];
  readonly per: string;
  readonly logX?: boolean;
}

const all = ['hotspan', 'datadog', 'inspector'] as const;
const cpu = { unit: 'ms/s', pick: ({ msPerSecond }: Added): number => msPerSecond } as const;

const series: readonly Series[] = [
  { workload: 'rate', measure: 'CPU by rate', xLabel: 'Hz', levels: [20, 99, 500, 1000, 2000], only: ['hotspan', 'inspector'], ...cpu, expects: 'linear', per: 'Hz' },
  { workload: 'depth', measure: 'CPU by depth of the stack', xLabel: 'frames', levels: [5, 100, 500], only: ['hotspan', 'inspector'], ...cpu, expects: 'open', per: 'frame' },
  { workload: 'stacks', measure: 'CPU by distinct stacks', xLabel: 'distinct stacks', levels: [10, 1000, 100_000], only: ['hotspan', 'inspector'], ...cpu, expects: 'open', per: 'stack', logX: true },
  { workload: 'liveSpans', measure: 'CPU by live spans', xLabel: 'live spans', levels: [10, 10_000, 1_000_000], only: ['hotspan', 'datadog'], ...cpu, expects: 'flat', per: 'span', logX: true },
  { workload: 'functions', measure: 'CPU by functions loaded', xLabel: 'functions', levels: [300, 3000, 30_000], only: all, ...cpu, expects: 'flat', per: 'function', logX: true },
  { workload: 'functions', measure: 'start by functions loaded', xLabel: 'functions', levels: [300, 3000, 30_000], only: all, unit: 'ms', pick: ({ startMs }) => startMs, expects: 'flat', per: 'function', logX: true },
  { workload: 'compiled', measure: 'CPU for each function compiled', xLabel: 'functions compiled', levels: [300, 1000, 3000], only: ['hotspan', 'inspector'], unit: 'us', pick: ({ ms }, level) => (1000 * ms) / level, expects: 'flat', per: 'function', logX: true },
  { workload: 'spansCreated', measure: 'CPU for each span created', xLabel: 'spans created', levels: [2000, 10_000, 50_000], only: ['hotspan', 'datadog'], unit: 'ns', pick: ({ ms }, level) => (1e6 * ms) / level, expects: 'flat', per: 'span', logX: true },
];

const fileOf = ({ measure }: Series): string => `scaling-${measure.toLowerCase().replaceAll(' ', '-')}`;

export const scaling: Scenario = {
  name: 'scaling',
  title: 'what cost grows with: rate, depth, distinct stacks, live spans, functions loaded and compiled, spans created',
  about: `The same fixed work with the profiler off and on, over and over in one process in random order; the figure is the CPU of all
threads that it adds for each second, the median of the pairs. What a start causes once is left out (100 ms); starts are a
series of their own. All but the first series sample at 1,000 Hz, so that there is something to see: at 99 Hz it is a
tenth of it.`,
  plots: series.map((one): LinePlot => ({
    kind: 'lines',
    file: fileOf(one),
    title: `${one.measure[0]?.toUpperCase()}${one.measure.slice(1)}${one.unit === 'ms/s' ? ', above none' : ''}`,
    measure: one.measure,
    xLabel: one.xLabel,
    ...(one.logX && { logX: true }),
    ...(one.unit === 'ms' && { logY: true }),
  })),
  fits: series.map(({ measure, expects, per }): Fit => ({ measure, expects, per })),
  async run(context) {
    const rows: Row[] = [];
    for (const workload of new Set(series.map((one) => one.workload))) rows.push(...(await rowsOfWorkload(context, workload)));
    return rows;
  },
};

async function rowsOfWorkload(context: BenchContext, workload: Workload): Promise<Row[]> {
  const chosen = series.filter((one) => one.workload === workload);
  const [{ levels, only }] = chosen as [Series];
  const { quick } = context;
  const some = quick ? levels.slice(0, 2) : levels;
  const settings = { workload, levels: some, repetitions: quick ? 1 : 5, workMs: quick ? 20 : 200, rateHz: 1000 };
  const outcomes = await compareVariants(
    context,
    { only: quick ? only.slice(0, 1) : only, rounds: fewerRounds(context) },
    (variant) => measurePairs(context, variant, settings),
  );
  return chosen.flatMap(({ measure, unit, pick }) =>
    some.flatMap((level) => {
      const one: Measure<ReadonlyMap<number, Added>> = { measure, unit, x: level, compare: 'difference', pick: (result) => pick(result.get(level)!, level) };
      return rowsOf(outcomes, one);
    }),
  );
}
