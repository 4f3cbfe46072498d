import { runChild, type Message } from '../support/child.ts';
import { interleave } from '../support/interleave.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { Row, Scenario } from '../support/scenario.ts';

interface Blocked {
  readonly callMs: number;
  readonly callCpuMs: number;
  readonly turnMs: number;
}

interface StallResult {
  readonly start: Blocked;
  readonly rotations: readonly Blocked[];
  readonly control: readonly Blocked[];
}

export const stall: Scenario = {
  name: 'stall',
  title: 'start and rotation in a process that has run the TypeScript compiler: time the event loop is blocked',
  async run({ node, quick, datadog, note }) {
    if (datadog === undefined) note('@datadog/pprof is left out; install it somewhere and give --datadog DIR');
    const variants = datadog === undefined ? (['hotspan', 'v8'] as const) : (['hotspan', 'v8', 'datadog'] as const);
    const work = quick ? { rotations: 3, workMs: 1000 } : { rotations: 5, workMs: 5000 };
    const results = await interleave(variants, quick ? 1 : 5, (variant) =>
      withDirectory(async (directory) => {
        const settings = { variant, rateHz: 100, directory, datadog, ...work };
        return readResult(await runChild({ node: node.path, program: 'compiler.mjs', settings }));
      }),
    );
    return [
      ...rowsOf('start', results, (result) => [result.start], 5),
      ...rowsOf('rotation', results, (result) => result.rotations, 2),
      ...rowsOf('nothing', results, (result) => result.control),
    ];
  },
};

function rowsOf(
  what: string,
  results: ReadonlyMap<string, readonly StallResult[]>,
  pick: (result: StallResult) => readonly Blocked[],
  bar?: number,
): Row[] {
  const measures = { callMs: 'the call', callCpuMs: 'CPU of the call', turnMs: 'longest turn of the loop' } as const;
  return (Object.keys(measures) as (keyof Blocked)[]).flatMap((key) =>
    [...results].map(([variant, list]): Row => {
      const values = list.flatMap(pick).map((blocked) => blocked[key]);
      const barred = variant === 'hotspan' && bar !== undefined && key !== 'turnMs';
      return { measure: `${what}: ${measures[key]}`, variant, unit: 'ms', values, ...(barred && { bar: { atMost: bar } }) };
    }),
  );
}

function readResult({ start, rotations, control }: Message): StallResult {
  return { start, rotations, control } as StallResult;
}
