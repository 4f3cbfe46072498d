import { numberIn, runChild, variantChild } from '../support/child.ts';
import { compareVariants, rowsOf, type Outcomes } from '../support/compare-variants.ts';
import { measurePairs, type Added } from '../support/paired.ts';
import { baseline, ours, type Variant } from '../support/variants.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';

const awaitsPerSpan = 10;
const kinds = { spansCreated: 'OpenTelemetry spans', ownLabels: 'withLabels' } as const;
/**
 * Spans in one piece of work: enough of them that what a profiler does once after it starts, and one collection more or
 * less, are as small a part of it as they are in a service.
 */
const spansInOne = 1_000_000;
/** So that both take about as long: a span of OpenTelemetry takes three times as long as a label. */
const repetitionsOf = { spansCreated: 12, ownLabels: 24 } as const;
/** Of a peer, whose cost is no matter of tenths of a percent. */
const fewRepetitions = 4;
/** Of 16 and 48 ms here: one that the machine disturbs is a small part of the work. */
const slices = 50;
/** A profiler that has just started meets most of its code for the first time. */
const settleMs = 1000;

export const labels: Scenario = {
  name: 'labels',
  title: 'what labels cost: spans with 10 awaits each and nothing else, with and without a profiler that follows them',
  about: `Spans of OpenTelemetry's SDK with ten awaits each, a hundred at a time, and nothing else: the worst case for what costs
something per span or per switch of the asynchronous context. Each process runs the same million spans with the profiler
off and on, over and over in random order (starting and ending it are not part of it). The sampling itself is in the
figures. Time and CPU are medians of the pairs; *time, undisturbed* is the mean of all slices of the work, a fiftieth of a
half each, without the tenth at each end, where a shared machine took the processor away. \`none\` is off against off: the error of the
method. *Own work* is what handler, drains and labels took by hotspan's own clocks (\`stats()\`), without what the kernel
needs to deliver a signal.`,
  plots: [{ kind: 'bars', file: 'labels', title: 'CPU of a span with ten awaits, above the same without a profiler', measures: ['OpenTelemetry spans: CPU for each span'] }],
  async run(context) {
    const rows: Row[] = [];
    for (const workload of ['spansCreated', 'ownLabels'] as const) {
      const count = context.quick ? 2000 : spansInOne;
      const settings = { workload, levels: [count], workMs: 0, rateHz: 99, ...(context.quick ? { slices: 4 } : { slices, settleMs }) };
      const only = workload === 'ownLabels' ? { only: ['none', 'hotspan'] } : {};
      const outcomes = await compareVariants<Added>(context, { needs: 'labels', rounds: context.rounds, ...only }, async (variant) => {
        return (await measurePairs(context, variant, { ...settings, repetitions: repetitionsFor(workload, variant, context) })).get(count)!;
      });
      const what = kinds[workload];
      rows.push(
        ...rowsOf(outcomes, { measure: `${what}: CPU for each span`, unit: 'ns', pick: ({ ms }) => (ms * 1e6) / count, compare: 'difference', ...claimOf(workload) }),
        ...rowsOf(outcomes, { measure: `${what}: time, undisturbed`, unit: '%', pick: ({ undisturbedPercent }) => undisturbedPercent, compare: 'difference', ...barOf(context) }),
        ...rowsOf(outcomes, { measure: `${what}: time`, unit: '%', pick: ({ timePercent }) => timePercent, compare: 'difference', ...barOf(context) }),
        ...rowsOf(outcomes, { measure: `${what}: CPU of all threads`, unit: '%', pick: ({ percent }) => percent, compare: 'difference', ...barOf(context) }),
        ...rowsOf(outcomes, { measure: `${what}: CPU for each await`, unit: 'ns', pick: ({ ms }) => (ms * 1e6) / (count * awaitsPerSpan), compare: 'difference' }),
        ...rowsOf(onlyOurs(outcomes), { measure: `${what}: own work on the thread`, unit: '% of time', pick: ({ ownPercent }) => ownPercent }),
      );
    }
    return [...rows, ...(await spanStartRows(context))];
  },
};

function repetitionsFor(workload: keyof typeof kinds, { id }: Variant, { quick }: BenchContext): number {
  if (quick) return 2;
  return id === ours || id === baseline ? repetitionsOf[workload] : fewRepetitions;
}

/** The work on the start of one span alone: 0.5% of a span with its awaits are some 17 ns, less than what it all varies by. */
async function spanStartRows(context: BenchContext): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of context.quick ? ['root'] : ['root', 'child']) {
    const outcomes = await compareVariants(context, { only: ['none', 'hotspan'], rounds: context.rounds }, (variant) =>
      withDirectory((directory) => runChild(variantChild(variant, { node: context.node.path, program: 'span-starts.mjs', settings: { kind, rateHz: 99, directory } }))),
    );
    rows.push(
      ...rowsOf(outcomes, { measure: `OpenTelemetry spans: start of a ${kind} span alone, above none`, unit: 'ns', pick: (result) => numberIn(result, 'nsPerSpan'), above: 'difference', bar: { atMost: 17 } }),
    );
  }
  return rows;
}

const onlyOurs = (outcomes: Outcomes<Added>): Outcomes<Added> => new Map([...outcomes].filter(([{ id }]) => id === ours));

const claimOf = (workload: keyof typeof kinds): { claim?: 'label cost' } => (workload === 'spansCreated' ? { claim: 'label cost' } : {});

/** Promised where V8 shows the context; before, a hook has to follow it. */
const barOf = ({ node }: BenchContext): { bar?: { atMost: number } } => (node.major >= 24 ? { bar: { atMost: 0.5 } } : {});
