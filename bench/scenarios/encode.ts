import { runChild, variantChild } from '../support/child.ts';
import { compareVariants, fewerRounds, rowsOf, type Measure } from '../support/compare-variants.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { Scenario } from '../support/scenario.ts';
import { median } from '../support/statistics.ts';
import { baseline } from '../support/variants.ts';

interface Encoded {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly jsCpuMs: number;
  readonly bytes: number;
  readonly samples: number;
}

export const encode: Scenario = {
  name: 'encode',
  title: 'ending and encoding a profile of the TypeScript compiler at work: CPU, bytes for each profile and sample',
  about: `The TypeScript compiler works for a second and a half at 99 Hz, then the profile is ended, encoded and compressed as it would be
uploaded (pprof; of \`node:inspector\` the JSON), while nothing else goes on. The median of three such profiles of a
process. What they hold differs: dd-trace's have a time for each sample, hotspan's lines, columns and inlined functions.`,
  plots: [{ kind: 'bars', file: 'encode', title: 'Ending and encoding a profile: CPU of all threads', measures: ['ending and encoding: CPU of all threads', 'ending and encoding: CPU of the JS thread'] }],
  async run(context) {
    const settings = { rateHz: 99, takes: context.quick ? 1 : 3, workMs: context.quick ? 400 : 1500 };
    const outcomes = await compareVariants<readonly Encoded[]>(context, { needs: 'upload', rounds: fewerRounds(context), ...(context.quick && { only: ['none', 'hotspan', 'inspector'] }) }, (variant) =>
      withDirectory(async (directory) => {
        const { profiles } = await runChild(variantChild(variant, { node: context.node.path, program: 'encode.mjs', settings: { ...settings, directory } }));
        return profiles as readonly Encoded[];
      }),
    );
    const of = (pick: (one: Encoded) => number) => (profiles: readonly Encoded[]): number => median(profiles.map(pick));
    const measures: Measure<readonly Encoded[]>[] = [
      { measure: 'ending and encoding: CPU of all threads', unit: 'ms', pick: of(({ cpuMs }) => cpuMs) },
      { measure: 'ending and encoding: CPU of the JS thread', unit: 'ms', pick: of(({ jsCpuMs }) => jsCpuMs) },
      { measure: 'ending and encoding: time', unit: 'ms', pick: of(({ wallMs }) => wallMs) },
      { measure: 'samples of a profile', unit: '', pick: of(({ samples }) => samples), moreIsBetter: true },
      { measure: 'bytes of a profile', unit: 'kB', pick: of(({ bytes }) => bytes / 1000) },
      { measure: 'bytes for each sample', unit: 'B', pick: of(({ bytes, samples }) => bytes / samples) },
    ];
    return measures.flatMap((measure) => rowsOf(outcomes, measure).filter(({ variant }) => variant !== baseline));
  },
};
