import { cpuOf, ratio, sumBy } from '../../test/support/pprof-query.ts';
import { numberIn, runChild, type Message } from '../support/child.ts';
import { interleave, succeeded } from '../support/interleave.ts';
import { readOnlyProfile, withDirectory } from '../support/profile-directory.ts';
import type { Row, Scenario } from '../support/scenario.ts';
import { ratios } from '../support/statistics.ts';

const variants = ['none', 'hotspan', 'inspector'] as const;
type Variant = (typeof variants)[number];

export const overhead: Scenario = {
  name: 'overhead',
  title: 'the same work with and without a profiler at 99 Hz: a service and the TypeScript compiler',
  async run({ node, quick, rounds, random, progress }) {
    const programs = [
      { name: 'service', program: 'service.mjs', work: { warmUp: quick ? 500 : 2000, requests: quick ? 1000 : 40_000 } },
      ...(quick ? [] : [{ name: 'compiler', program: 'type-checks.mjs', work: { times: 10 } }]),
    ];
    const rows: Row[] = [];
    for (const { name, program, work } of programs) {
      const results = await interleave({ variants, rounds, random, progress }, (variant) =>
        withDirectory(async (directory) => {
          const result = await runChild({ node: node.path, program, settings: { variant, rateHz: 99, directory, ...work } });
          return variant === 'hotspan' ? { ...result, ownPercent: ownPercent(directory) } : result;
        }),
      );
      rows.push(...rowsOf(name, succeeded(results)));
    }
    return rows;
  },
};

/** CPU that hotspan says it used on the JS thread itself, to resolve what it sampled. */
function ownPercent(directory: string): number {
  const { samples } = readOnlyProfile(directory);
  const own = samples.filter(({ frames }) => frames.some(({ name }) => name === '(hotspan)'));
  return 100 * ratio(sumBy(own, cpuOf), sumBy(samples, cpuOf));
}

function rowsOf(name: string, results: ReadonlyMap<Variant, readonly Message[]>): Row[] {
  const of = (variant: Variant, key: string): number[] => (results.get(variant) ?? []).map((result) => numberIn(result, key));
  const rows = (['wallMs', 'cpuMs'] as const).flatMap((key): Row[] => {
    const measure = `${name}: ${key === 'wallMs' ? 'time' : 'CPU of all threads'}`;
    const above = (variant: Variant): number[] => ratios(of(variant, key), of('none', key)).map((ratio) => 100 * (ratio - 1));
    return [
      { measure, variant: 'none', unit: 'ms', values: of('none', key) },
      ...(['hotspan', 'inspector'] as const).map((variant): Row => ({ measure: `${measure}, above none`, variant, unit: '%', values: above(variant) })),
    ];
  });
  const drains = (results.get('hotspan') ?? []).map(({ stats }) => (stats as { drain: Record<'p50Us' | 'p99Us' | 'maxUs', number> }).drain);
  for (const key of ['p50Us', 'p99Us', 'maxUs'] as const) {
    rows.push({ measure: `${name}: drain ${key.slice(0, -2)}`, variant: 'hotspan', unit: 'us', values: drains.map((drain) => drain[key]) });
  }
  rows.push({ measure: `${name}: (hotspan) in the profile`, variant: 'hotspan', unit: '% of CPU', values: of('hotspan', 'ownPercent') });
  return rows;
}
