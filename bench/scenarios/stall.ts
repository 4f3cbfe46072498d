import { runChild, variantChild, type Message } from '../support/child.ts';
import { compareVariants, rowsOf, type Measure } from '../support/compare-variants.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';
import { median } from '../support/statistics.ts';

const apps = { small: 'small app', typescript: 'TypeScript compiler loaded', functions: '30,000 functions loaded' } as const;

const measures = {
  callMs: 'the call',
  turnMs: 'longest turn of the loop, CPU',
  p50Ms: 'event-loop delay p50',
  p99Ms: 'event-loop delay p99',
  maxMs: 'event-loop delay max',
} as const;
type Blocked = Readonly<Record<keyof typeof measures, number>>;

interface StallResult {
  readonly start: Blocked;
  readonly rotations: readonly Blocked[];
}

export const stall: Scenario = {
  name: 'stall',
  title: 'start and rotation: how long the event loop is blocked, in a small app, with TypeScript loaded, with 30,000 functions',
  about: `A profiler starts in a running app, and its profile is rotated three times while the app works on (a rotation is the
median of the three). *The call* is the time until start or rotation returns. The longest turn of the event loop and its
delay (\`perf_hooks.monitorEventLoopDelay\`, resolution 1 ms taken off) watch the 400 ms from just before the call, so they
also see what is left behind: encoding, garbage. \`none\` is the same watch over no call.`,
  plots: [
    { kind: 'bars', file: 'start-stall', title: 'Start: time the event loop is blocked by the call', measures: Object.values(apps).map((app) => `start, ${app}: ${measures.callMs}`), log: true },
    { kind: 'bars', file: 'rotation-stall', title: 'Rotation: longest turn of the event loop', measures: Object.values(apps).map((app) => `rotation, ${app}: ${measures.turnMs}`), log: true },
  ],
  async run(context) {
    const rows: Row[] = [];
    for (const app of Object.keys(apps) as (keyof typeof apps)[]) {
      if (context.quick && app !== 'small') continue;
      rows.push(...(await rowsOfApp(context, app)));
    }
    return rows;
  },
};

async function rowsOfApp(context: BenchContext, app: keyof typeof apps): Promise<Row[]> {
  const { node, quick } = context;
  const work = quick ? { rotations: 1, workMs: 300 } : { rotations: 3, workMs: 400 };
  const outcomes = await compareVariants(context, { needs: 'start', rounds: context.rounds }, (variant) =>
    withDirectory(async (directory) =>
      readResult(await runChild(variantChild(variant, { node: node.path, program: 'stall.mjs', settings: { app, rateHz: 99, directory, ...work } }))),
    ),
  );
  return (Object.keys(measures) as (keyof Blocked)[]).flatMap((key) => [
    ...rowsOf(outcomes, { ...measureOf('start', app, key, 5), pick: ({ start }) => start[key] }),
    ...rowsOf(outcomes, { ...measureOf('rotation', app, key, 2), pick: ({ rotations }) => median(rotations.map((rotation) => rotation[key])) }),
  ]);
}

function measureOf(what: 'start' | 'rotation', app: keyof typeof apps, key: keyof Blocked, bar: number): Omit<Measure<StallResult>, 'pick'> {
  // The middle of the delay is the loop's own; only its longest tell of a stall.
  const tells = key === 'callMs' || key === 'turnMs' || key === 'maxMs';
  return {
    measure: `${what}, ${apps[app]}: ${measures[key]}`,
    unit: 'ms',
    // Half a dozen readings of an idle loop: as good as zero, which has no ratio.
    compare: key === 'p50Ms' || key === 'p99Ms' ? 'difference' : 'ratio',
    ...(tells && { claim: `${what} stall` }),
    ...(key === 'callMs' && { bar: { atMost: bar } }),
  };
}

function readResult({ start, rotations }: Message): StallResult {
  return { start, rotations } as StallResult;
}
