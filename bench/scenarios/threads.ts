import { setTimeout as sleep } from 'node:timers/promises';

import { withChild } from '../support/child.ts';
import { interleave, succeeded } from '../support/interleave.ts';
import { readProcessCounters } from '../support/process-counters.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';
import { differences } from '../support/statistics.ts';

/** Profiler and size of libuv's pool. The work is the same in all four. */
const variants = ['none, 1 thread', 'hotspan, 1 thread', 'none, 16 threads', 'hotspan, 16 threads'] as const;
type Variant = (typeof variants)[number];

/** What the threads do: see bench/programs/many-threads.mjs. */
const loads = ['idle', 'light', 'busy'] as const;
type Load = (typeof loads)[number];

/** Percent of a processor. */
interface ThreadsResult {
  readonly cpu: number;
  /** Of that, in the thread named hotspan. */
  readonly own: number;
}

export const threads: Scenario = {
  name: 'threads',
  title: 'what it costs to sample 16 more threads that sleep or work a little',
  async run(context) {
    const rows: Row[] = [];
    for (const load of context.quick ? loads.slice(0, 1) : loads) rows.push(...(await rowsOf(context, load)));
    return rows;
  },
};

async function rowsOf(context: BenchContext, load: Load): Promise<Row[]> {
  const { rounds, random, progress } = context;
  const results = succeeded(await interleave({ variants, rounds, random, progress, sideBySide: true }, (variant) => measure(context, variant, load)));
  const of = (variant: Variant, key: keyof ThreadsResult): number[] => (results.get(variant) ?? []).map((result) => result[key]);
  const one = differences(of('hotspan, 1 thread', 'cpu'), of('none, 1 thread', 'cpu'));
  const many = differences(of('hotspan, 16 threads', 'cpu'), of('none, 16 threads', 'cpu'));
  const ownMore = differences(of('hotspan, 16 threads', 'own'), of('hotspan, 1 thread', 'own'));
  const row = (measure: string, variant: string, values: readonly number[]): Row => ({
    measure: `${load}: ${measure}`,
    variant,
    unit: '% of a processor',
    values,
  });
  const bar = { atMost: 0.2 };
  return [
    row('CPU of all threads', 'none, 16 threads', of('none, 16 threads', 'cpu')),
    row('CPU of all threads, above none', 'hotspan, 1 thread', one),
    row('CPU of all threads, above none', 'hotspan, 16 threads', many),
    // What is left when the cost of sampling the main thread is taken away. Where the threads work, their own work
    // differs by more than the bar from one process to the next; there hotspan's own thread has to do.
    { ...row('the same, above 1 thread', 'hotspan, 16 threads', differences(many, one)), ...(load === 'idle' && { bar }) },
    { ...row("hotspan's own thread, above 1 thread", 'hotspan, 16 threads', ownMore), bar },
  ];
}

async function measure({ node, quick }: BenchContext, variant: Variant, load: Load): Promise<ThreadsResult> {
  return withDirectory(async (directory) => {
    const [profiler, pool] = variant.split(', ');
    const settings = { variant: profiler, threads: Number.parseInt(pool!, 10), load, rateHz: 99, directory };
    const [before, after] = await withChild({ node: node.path, program: 'many-threads.mjs', settings }, async (child) => {
      await child.receive('running');
      await sleep(quick ? 200 : 1000);
      const first = readProcessCounters(child.pid);
      await sleep(quick ? 1500 : 15_000);
      const second = readProcessCounters(child.pid);
      child.send({ type: 'stop' });
      return [first, second] as const;
    });
    const own = (after.cpuNsByThread['hotspan'] ?? 0) - (before.cpuNsByThread['hotspan'] ?? 0);
    const percent = 100 / ((after.atMs - before.atMs) * 1e6);
    return { cpu: (after.cpuNs - before.cpuNs) * percent, own: own * percent };
  });
}
