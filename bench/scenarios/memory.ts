import { numberIn, runChild, type Message } from '../support/child.ts';
import { sideBySide } from '../support/interleave.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';
import { differences } from '../support/statistics.ts';

const variants = ['off', 'hotspan'] as const;
type Variant = (typeof variants)[number];

const measures = {
  rssMiB: 'resident',
  anonymousMiB: 'of it anonymous',
  heapMiB: "V8's heap",
  rotatedRssMiB: 'resident 2 s after a rotation',
  rotationPeakMiB: 'peak in these 2 s',
} as const;
const barred: ReadonlySet<string> = new Set(['rssMiB', 'rotatedRssMiB', 'rotationPeakMiB'] satisfies (keyof typeof measures)[]);

export const memory: Scenario = {
  name: 'memory',
  title: 'resident memory of a busy service after 60 s at 99 Hz (quick: 15 s at 396 Hz), beside one without a profiler',
  async run(context) {
    // Both at the same time: the heap's size depends on how much a process gets done.
    const results = await sideBySide(variants, context.quick ? 1 : 5, (variant) => measure(context, variant));
    const rows = Object.entries(measures).flatMap(([key, measure]): Row[] => {
      const [off, hotspan] = variants.map((variant) => results.get(variant)?.map((result) => numberIn(result, key)) ?? []);
      return [
        { measure, variant: 'off', unit: 'MiB', values: off ?? [] },
        { measure, variant: 'hotspan', unit: 'MiB', values: hotspan ?? [] },
        { measure: `${measure}, above off`, variant: 'hotspan', unit: 'MiB', values: differences(hotspan ?? [], off ?? []), ...(barred.has(key) && { bar: { atMost: 8 } }) },
      ];
    });
    const held = (results.get('hotspan') ?? []).map(({ stats }) => (stats as { bytesHeld: number }).bytesHeld / 2 ** 20);
    return [...rows, { measure: 'held by tables and profiles', variant: 'hotspan', unit: 'MiB', values: held }];
  },
};

function measure({ node, quick }: BenchContext, variant: Variant): Promise<Message> {
  return withDirectory((directory) => {
    const settings = { variant, directory, warmUp: 2000, rotationSeconds: 2, ...(quick ? { seconds: 15, rateHz: 396 } : { seconds: 60, rateHz: 99 }) };
    return runChild({ node: node.path, program: 'service.mjs', settings, flags: ['--expose-gc'] });
  });
}
