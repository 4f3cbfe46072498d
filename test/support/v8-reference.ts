import { fileURLToPath } from 'node:url';
import type { Frame, ProfileView, Sample } from './pprof-query.ts';

interface CpuProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number };
  children?: number[];
  positionTicks?: { line: number; ticks: number }[];
}

interface CpuProfile {
  nodes: CpuProfileNode[];
  samples: number[];
  timeDeltas: number[];
}

/**
 * A `.cpuprofile` as weighted stacks. V8 tells the line of the leaf frame only; frames above it have line 0. Its time
 * is the wall time between samples, so `cpuNs` is CPU time only as far as the thread was not preempted.
 */
export function readCpuProfile(json: string): ProfileView {
  const profile = JSON.parse(json) as CpuProfile;
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const samples: Sample[] = [];
  for (const [id, micros] of timeByNode(profile)) {
    const node = nodes.get(id);
    if (!node || node.callFrame.functionName === '(idle)' || node.callFrame.functionName === '(root)') continue;
    const callers: Frame[] = [];
    for (let parent = parents.get(id); parent !== undefined; parent = parents.get(parent)) {
      const caller = nodes.get(parent);
      if (caller && parents.has(parent)) callers.push(frameOf(caller, 0));
    }
    samples.push(...samplesOfNode(node, callers, micros));
  }
  return { samples, sampleTypes: ['samples/count', 'cpu/nanoseconds', 'wall/nanoseconds'], comments: [] };
}

/**
 * A sample's time runs until the next one, as in DevTools, but at most four intervals: a longer gap is a thread that
 * waited for a processor, which is not CPU time.
 */
function timeByNode(profile: CpuProfile): Map<number, number> {
  const micros = new Map<number, number>();
  const median = [...profile.timeDeltas].sort((a, b) => a - b)[profile.timeDeltas.length >> 1] ?? 0;
  profile.samples.forEach((id, index) => {
    const next = profile.timeDeltas[index + 1] ?? 0;
    micros.set(id, (micros.get(id) ?? 0) + Math.min(4 * median, Math.max(0, next)));
  });
  return micros;
}

function samplesOfNode(node: CpuProfileNode, callers: Frame[], micros: number): Sample[] {
  const ticks = node.positionTicks?.length ? node.positionTicks : [{ line: 0, ticks: 1 }];
  const all = ticks.reduce((sum, tick) => sum + tick.ticks, 0);
  return ticks.map((tick): Sample => {
    const ns = (micros * 1000 * tick.ticks) / all;
    return { frames: [frameOf(node, tick.line), ...callers], count: tick.ticks, cpuNs: ns, wallNs: ns, labels: {} };
  });
}

function frameOf({ callFrame }: CpuProfileNode, line: number): Frame {
  const { functionName, url, lineNumber } = callFrame;
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  return { name: functionName || '<anonymous>', file, line, startLine: lineNumber + 1 };
}
