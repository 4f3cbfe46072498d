import type { FlameData } from '../../src/analyze/flame-data.ts';
import { seededRandom } from './seeded-random.ts';

/** A flame graph of `count` distinct frames, up to 60 deep, of which several thousand are wide enough to be seen. */
export function largeFlameData(count: number): FlameData {
  const random = seededRandom(11);
  const frames = { name: [] as string[], file: [] as string[], line: [] as number[], kind: [] as number[] };
  const nodes = { parent: [-1], frame: [-1] };
  const samples = { node: [] as number[], labelSet: [] as number[], side: [] as (0 | 1)[], values: [[] as number[], [] as number[]] };
  const add = (parent: number, depth: number, value: number): void => {
    if (frames.name.length >= count) return;
    const frame = frames.name.push(`function${frames.name.length}`) - 1;
    frames.file.push(`/app/src/module-${frame % 97}.js`);
    frames.line.push(1 + (frame % 500));
    frames.kind.push(frame % 6);
    const node = nodes.parent.push(parent) - 1;
    nodes.frame.push(frame);
    let left = value;
    const children = depth < 60 ? 1 + Math.floor(random() * 3) : 0;
    for (let child = 0; child < children && left > 1000; child++) {
      const part = left * (child === children - 1 ? 0.95 : random());
      add(node, depth + 1, part);
      left -= part;
    }
    samples.node.push(node);
    samples.labelSet.push(frame % 3);
    samples.side.push(0);
    samples.values[0]?.push(1);
    samples.values[1]?.push(left);
  };
  while (frames.name.length < count) add(0, 1, 1e9 / 40);
  return {
    types: [{ type: 'samples', unit: 'count' }, { type: 'cpu', unit: 'nanoseconds' }],
    defaultType: 1, frames, nodes, samples,
    labelSets: [[], [['thread', 'main']], [['thread', 'worker-1']]],
    hasBase: false,
  };
}
