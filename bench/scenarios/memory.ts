import { setTimeout as sleep } from 'node:timers/promises';

import { numberIn } from '../support/child.ts';
import { compareVariants, rowsOf } from '../support/compare-variants.ts';
import { readMemory, resetPeak } from '../support/process-counters.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';
import { withService } from '../support/service.ts';
import type { Variant } from '../support/variants.ts';

interface MemoryResult {
  /** Resident MiB after a collection, by second. */
  readonly overTime: ReadonlyMap<number, number>;
  readonly lastMiB: number;
  readonly rotatedMiB: number;
  readonly peakMiB: number;
  readonly heapMiB: number;
  /** Of the profile of the whole time, and what a minute of it would be. */
  readonly uploadKb: number;
}

interface Shape {
  readonly seconds: number;
  readonly everySeconds: number;
  readonly perSecond: number;
  /** After the rotation. */
  readonly afterSeconds: number;
}

const shapeOf = (quick: boolean): Shape =>
  quick ? { seconds: 4, everySeconds: 2, perSecond: 60, afterSeconds: 1 } : { seconds: 60, everySeconds: 6, perSecond: 90, afterSeconds: 8 };

/** A round takes over a minute: fewer than elsewhere, but enough for an interval. */
const roundsOf = ({ quick, rounds }: BenchContext): number => (quick ? 1 : Math.max(Math.min(rounds, 3), Math.ceil(0.6 * rounds)));

export const memory: Scenario = {
  name: 'memory',
  title: 'resident memory of a service over a minute and at a rotation; bytes it uploads a minute',
  about: `The same service answers 90 requests a second for a minute, all variants at the same time. Every six seconds its memory is
read from outside after a garbage collection. Then the profile is rotated: the peak is the highest the kernel saw in the
eight seconds from there on. The profile of that minute, compressed as it is uploaded, gives the bytes a minute. V8's young
generation is held at 1 MiB in all of them: its growth is larger than what is compared. \`--cpu-prof\` has all the samples
of the run in memory.`,
  plots: [
    { kind: 'lines', file: 'memory', title: 'Resident memory after a collection, above the service without a profiler', measure: 'resident over time, above none', xLabel: 'seconds' },
    { kind: 'bars', file: 'upload', title: 'Upload of a minute', measures: ['upload of a minute'], log: true },
  ],
  async run(context) {
    const { seconds, everySeconds } = shapeOf(context.quick);
    const outcomes = await compareVariants(context, { rounds: roundsOf(context), sideBySide: true }, (variant) => measure(context, variant));
    const bar = { atMost: 8 };
    const times = Array.from({ length: Math.floor(seconds / everySeconds) }, (_, i) => (i + 1) * everySeconds);
    const uploads = rowsOf(outcomes, { measure: 'upload of a minute', unit: 'kB', pick: ({ uploadKb }) => uploadKb });
    return [
      ...rowsOf(outcomes, { measure: 'resident', unit: 'MiB', pick: ({ lastMiB }) => lastMiB }),
      ...rowsOf(outcomes, { measure: 'resident, above none', unit: 'MiB', pick: ({ lastMiB }) => lastMiB, above: 'difference', claim: 'memory', bar }),
      ...rowsOf(outcomes, { measure: 'peak at a rotation, above none', unit: 'MiB', pick: ({ peakMiB }) => peakMiB, above: 'difference', claim: 'memory', bar }),
      ...rowsOf(outcomes, { measure: '8 s after a rotation, above none', unit: 'MiB', pick: ({ rotatedMiB }) => rotatedMiB, above: 'difference', claim: 'memory', bar }),
      ...rowsOf(outcomes, { measure: "V8's heap in use, above none", unit: 'MiB', pick: ({ heapMiB }) => heapMiB, above: 'difference' }),
      ...uploads.filter(({ variant }) => variant !== 'none').map((row): Row => (row.variant === 'cpu-prof' ? { ...row, values: [], missing: 'uploads nothing: writes one file when the process ends' } : row)),
      ...times.flatMap((x) => rowsOf(outcomes, { measure: 'resident over time, above none', unit: 'MiB', pick: ({ overTime }) => overTime.get(x) ?? NaN, above: 'difference', x })),
    ];
  },
};

function measure(context: BenchContext, variant: Variant): Promise<MemoryResult> {
  const { seconds, everySeconds, perSecond, afterSeconds } = shapeOf(context.quick);
  const flags = ['--expose-gc', '--max-semi-space-size=1'];
  return withDirectory((directory) =>
    withService(context, variant, { rateHz: 99, directory, flags }, async ({ child, load, start }) => {
      /** Resident after a collection: garbage that waits is not what is compared. */
      const collected = async (): Promise<{ rssMiB: number; heapMiB: number }> => {
        const heapUsed = numberIn(await child.ask({ type: 'memory' }), 'heapUsed');
        return { rssMiB: readMemory(child.pid).rssMiB, heapMiB: heapUsed / 2 ** 20 };
      };
      await load({ requests: 1000, connections: 2 });
      await start();
      const began = performance.now();
      const loaded = load({ perSecond, seconds: seconds + afterSeconds + 1, connections: 4 });
      const overTime = new Map<number, number>();
      for (let second = everySeconds; second < seconds; second += everySeconds) {
        await sleep(began + second * 1000 - performance.now());
        overTime.set(second, (await collected()).rssMiB);
      }
      await sleep(began + seconds * 1000 - performance.now());
      const last = await collected();
      overTime.set(seconds, last.rssMiB);
      resetPeak(child.pid);
      const { bytes } = await child.ask({ type: 'rotate' });
      await sleep(afterSeconds * 1000);
      const { peakMiB } = readMemory(child.pid);
      const rotated = await collected();
      await loaded;
      return { overTime, lastMiB: last.rssMiB, rotatedMiB: rotated.rssMiB, peakMiB, heapMiB: last.heapMiB, uploadKb: (Number(bytes) / 1000) * (60 / seconds) };
    }),
  );
}
