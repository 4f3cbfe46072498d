import type { LocationTable } from './location-table.ts';
import type { CpuProfile, CpuProfileNode } from './protocol.ts';
import type { StackNode, StackTree } from './stack-tree.ts';

/** Times in microseconds. */
export interface FoldedTimes {
  readonly samples: number;
  /** Waiting in the event loop. */
  readonly idleUs: number;
}

/**
 * Adds one of V8's CPU profiles to a tree of `[samples, microseconds]`. A sample's time is half of that since the
 * sample before and half of that to the next: V8 samples late when the machine is busy, and all of the gap before
 * would be taken from what ran earlier. Idle samples are left out. `ownUs`: of the first sample's time what V8 needed
 * to begin; nobody's.
 */
export function foldCpuProfile(profile: CpuProfile, ownUs: number, tree: StackTree, table: LocationTable): FoldedTimes {
  const times = timesByNode(profile, ownUs);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const [root] = profile.nodes;
  let samples = 0;
  let idleUs = 0;
  const waiting: { readonly node: CpuProfileNode; readonly parent: StackNode }[] = [];
  const visitChildren = (node: CpuProfileNode, parent: StackNode): void => {
    for (const id of node.children ?? []) {
      const child = nodes.get(id);
      if (child !== undefined) waiting.push({ node: child, parent });
    }
  };
  if (root !== undefined) visitChildren(root, tree.root);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, parent } = next;
    const own = times.get(node.id);
    if (node.callFrame.functionName === '(idle)' && node.callFrame.scriptId === '0') {
      idleUs += own?.us ?? 0;
      continue;
    }
    if (own !== undefined) {
      samples += own.samples;
      addByLine(node, own, (line, values) => tree.add(tree.child(parent, table.idOf(node.callFrame, line)), values));
    }
    // V8 does not tell from which line a function called.
    if ((node.children?.length ?? 0) > 0) visitChildren(node, tree.child(parent, table.idOf(node.callFrame, 0)));
  }
  return { samples, idleUs };
}

interface NodeTimes {
  samples: number;
  us: number;
}

function timesByNode({ samples = [], timeDeltas = [], startTime, endTime }: CpuProfile, ownUs: number): Map<number, NodeTimes> {
  let at = startTime;
  const taken = samples.map((node, i) => ({ node, at: (at += timeDeltas[i] ?? 0) })).sort((a, b) => a.at - b.at);
  const times = new Map<number, NodeTimes>();
  let before = Math.min(startTime + ownUs, endTime);
  for (const [i, { node, at: now }] of taken.entries()) {
    const next = taken[i + 1];
    const end = next === undefined ? Math.max(now, endTime) : (now + next.at) / 2;
    const sum = times.get(node) ?? { samples: 0, us: 0 };
    sum.samples++;
    sum.us += Math.max(0, end - before);
    times.set(node, sum);
    before = Math.max(before, end);
  }
  return times;
}

/** V8 counts samples by line, but does not say which sample was on which: their time is shared out by number. */
function addByLine(node: CpuProfileNode, own: NodeTimes, add: (line: number, values: readonly number[]) => void): void {
  const ticks = new Map<number, number>();
  for (const { line, ticks: count } of node.positionTicks ?? []) ticks.set(line, (ticks.get(line) ?? 0) + count);
  const counted = [...ticks.values()].reduce((sum, count) => sum + count, 0);
  if (counted === 0) return add(0, [own.samples, own.us]);
  let left = own.samples;
  for (const [line, count] of ticks) {
    const samples = Math.min(left, count);
    left -= samples;
    add(line, [samples, (own.us * count) / counted]);
  }
  if (left > 0) add(0, [left, 0]);
}
