import { setTimeout as sleep } from 'node:timers/promises';

import { Child, numberIn } from '../support/child.ts';
import { sideBySide } from '../support/interleave.ts';
import { readProcessCounters } from '../support/process-counters.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';
import { differences } from '../support/statistics.ts';

const variants = ['off', 'hotspan', 'v8'] as const;
type Variant = (typeof variants)[number];

interface IdleResult {
  readonly utilization: number;
  readonly cpuMsPerSecond: number;
  readonly sleeps: number;
  readonly sleepsByThread: Readonly<Record<string, number>>;
}

export const idle: Scenario = {
  name: 'idle',
  title: 'a listening server nobody calls: event loop utilization, CPU, wake-ups',
  async run(context) {
    const results = await sideBySide(variants, context.quick ? 1 : 5, (variant) => measure(context, variant));
    const of = (variant: Variant, key: 'utilization' | 'cpuMsPerSecond' | 'sleeps'): number[] =>
      (results.get(variant) ?? []).map((result) => result[key]);
    for (const { sleepsByThread } of results.get('hotspan') ?? []) {
      if (Object.keys(sleepsByThread).length > 0) context.note(`hotspan, threads that woke: ${JSON.stringify(sleepsByThread)}`);
    }
    const rows: Row[] = [];
    for (const [key, measure, unit, bar] of [
      ['utilization', 'event loop utilization', '', 0.001],
      ['cpuMsPerSecond', 'CPU of all threads', 'ms/s', 0.5],
      // Whole numbers, of windows of the same length: the bar is none at all.
      ['sleeps', 'wake-ups of all threads', `in ${windowMs(context) / 1000} s`, 0],
    ] as const) {
      for (const variant of variants) rows.push({ measure, variant, unit, values: of(variant, key) });
      for (const variant of ['hotspan', 'v8'] as const) {
        const values = differences(of(variant, key), of('off', key));
        rows.push({ measure: `${measure}, above off`, variant, unit, values, ...(variant === 'hotspan' && { bar: { atMost: bar } }) });
      }
    }
    return rows;
  },
};

const windowMs = ({ quick }: BenchContext): number => (quick ? 5000 : 20_000);

async function measure(context: BenchContext, variant: Variant): Promise<IdleResult> {
  return withDirectory(async (directory) => {
    const child = new Child({ node: context.node.path, program: 'idle-server.mjs', settings: { variant, rateHz: 99, directory } });
    await child.receive('idle');
    await sleep(1500);
    const before = readProcessCounters(child.pid);
    await sleep(windowMs(context));
    const after = readProcessCounters(child.pid);
    child.send({ type: 'report' });
    const result = await child.receive('result');
    await child.end();
    const seconds = (after.atMs - before.atMs) / 1000;
    const sleepsByThread = Object.entries(after.sleepsByThread)
      .map(([name, count]): [string, number] => [name, count - (before.sleepsByThread[name] ?? 0)])
      .filter(([, count]) => count > 0);
    return {
      utilization: numberIn(result, 'utilization'),
      cpuMsPerSecond: (after.cpuNs - before.cpuNs) / 1e6 / seconds,
      sleeps: after.sleeps - before.sleeps,
      sleepsByThread: Object.fromEntries(sleepsByThread),
    };
  });
}
