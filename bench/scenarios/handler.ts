import { numberIn, runChild } from '../support/child.ts';
import { interleave, succeeded } from '../support/interleave.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { Scenario } from '../support/scenario.ts';

const frames = 30;

export const handler: Scenario = {
  name: 'handler',
  title: `time in the signal handler beneath ${frames} JavaScript frames, at 99 and 2000 Hz`,
  async run({ node, quick, rounds, random, progress }) {
    const rates = { '99 Hz': 99, '2000 Hz': 2000 } as const;
    const results = await interleave({ variants: ['99 Hz', '2000 Hz'] as const, rounds, random, progress }, (rate) =>
      withDirectory(async (directory) => {
        const settings = { variant: 'hotspan', rateHz: rates[rate], directory, frames, seconds: quick ? 0.5 : 5 };
        const result = await runChild({ node: node.path, program: 'recursion.mjs', settings });
        if (numberIn(result, 'measuredFrames') !== frames) throw new Error('the program did not reach its depth');
        return result;
      }),
    );
    return [...succeeded(results)].flatMap(([rate, list]) => [
      { measure: `p50, ${rate}`, variant: 'hotspan', unit: 'us', values: list.map((r) => numberIn(r, 'p50Us')), bar: { atMost: 3 } },
      { measure: `p99, ${rate}`, variant: 'hotspan', unit: 'us', values: list.map((r) => numberIn(r, 'p99Us')) },
      { measure: `max, ${rate}`, variant: 'hotspan', unit: 'us', values: list.map((r) => numberIn(r, 'maxUs')) },
    ]);
  },
};
