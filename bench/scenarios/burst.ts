import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { bareName, cpuOf, groupSum } from '../../test/support/pprof-query.ts';
import { numberIn, numbersIn, withChild } from '../support/child.ts';
import { shuffled } from '../support/random.ts';
import { readOnlyProfile, withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';

const kinds = ['sockets', 'timers', 'immediates', 'messages'] as const;
const shapes = { slices: { slices: 30, sliceMs: 10 }, whole: { slices: 1, sliceMs: 300 } } as const;
const idleMs = 1000;
/** A sample that falls between two slices takes a period of CPU with it, 3% of a burst. */
const worstBurst = 90;

interface Case {
  readonly kind: (typeof kinds)[number];
  readonly shape: keyof typeof shapes;
  readonly oneCpu: boolean;
}

export const burst: Scenario = {
  name: 'burst',
  title: 'bursts of 300 ms after a second of idleness: how much of their CPU the profile holds',
  async run(context) {
    const cases = kinds.flatMap((kind) =>
      (context.quick ? [true] : [true, false]).flatMap((oneCpu) =>
        (context.quick ? (['whole'] as const) : (['whole', 'slices'] as const)).map((shape): Case => ({ kind, shape, oneCpu })),
      ),
    );
    const rows = new Map<Case, Row[]>();
    for (const one of shuffled(cases, context.random)) rows.set(one, await measure(context, one));
    return cases.flatMap((one) => rows.get(one) ?? []);
  },
};

async function measure({ node, quick }: BenchContext, { kind, shape, oneCpu }: Case): Promise<Row[]> {
  const bursts = quick ? 1 : 10;
  const { foundNs, burnedNs } = await withDirectory(async (directory) => {
    const settings = { kind, bursts, idleMs, ...shapes[shape], variant: 'hotspan', rateHz: 99, directory };
    const result = await withChild({ node: node.path, program: 'bursts.mjs', settings, oneCpu }, async (child) => {
      if (kind === 'sockets') await askInBursts(numberIn(await child.receive('listening'), 'port'), bursts, shapes[shape].slices);
      return child.receive('result');
    });
    const byBurst = groupSum(
      readOnlyProfile(directory).samples,
      (sample) => sample.frames.map((frame) => bareName(frame.name)).find((name) => name.startsWith('burst_')),
      cpuOf,
    );
    const burnedNs = numbersIn(result, 'burnedNs');
    return { burnedNs, foundNs: burnedNs.map((_, i) => byBurst.get(`burst_${i}`) ?? 0) };
  });
  const where = `${kind}, ${shape}${oneCpu ? ', one cpu' : ''}`;
  const percentOf = (found: number, burned: number): number => (100 * found) / burned;
  const all = percentOf(sum(foundNs), sum(burnedNs));
  const each = foundNs.map((found, i) => percentOf(found, burnedNs[i] ?? NaN));
  return [
    { measure: where, variant: 'all bursts', unit: '% of CPU', values: [all], bar: { atLeast: 97 } },
    { measure: where, variant: 'worst burst', unit: '% of CPU', values: [Math.min(...each)], bar: { atLeast: worstBurst } },
  ];
}

/** The client: one request at a time, and a pause before each burst. */
async function askInBursts(port: number, bursts: number, requests: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  for (let burst = 0; burst < bursts; burst++) {
    await sleep(idleMs);
    for (let i = 0; i < requests; i++) {
      socket.write('?');
      const last = burst + 1 === bursts && i + 1 === requests;
      if (!last) await once(socket, 'data');
    }
  }
  socket.destroy();
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
