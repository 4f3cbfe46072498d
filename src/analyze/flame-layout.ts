import type { FlameTree } from './flame-tree.ts';

/** A tree with a place for each node: `start` to `start + width`, in the tree's own values, `depth` rows from the root. */
export interface FlameLayout {
  readonly tree: FlameTree;
  readonly start: Float64Array;
  readonly width: Float64Array;
  readonly depth: Int32Array;
  /** Node -> its widest child, then the next widest; -1 ends. */
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /** Rows, the root's included. */
  readonly rows: number;
}

/** Which side's values make the width. */
export type FlameWidth = 'head' | 'base';

/** Places children side by side, the widest first. Time is n log n in the nodes. */
export function flameLayout(tree: FlameTree, by: FlameWidth = 'head'): FlameLayout {
  const count = tree.parent.length;
  const width = by === 'head' ? tree.head : tree.base;
  const start = new Float64Array(count);
  const depth = new Int32Array(count);
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const order = Array.from({ length: count - 1 }, (_, index) => index + 1).sort((a, b) => (width[a] ?? 0) - (width[b] ?? 0));
  // The narrowest first, each put before the others: the widest ends up in front.
  for (const node of order) {
    if ((width[node] ?? 0) <= 0) continue;
    const parent = tree.parent[node] ?? 0;
    nextSibling[node] = firstChild[parent] ?? -1;
    firstChild[parent] = node;
  }
  let rows = 1;
  for (let node = 0; node < count; node++) {
    if (node > 0 && (width[node] ?? 0) <= 0) continue;
    let x = start[node] ?? 0;
    for (let child = firstChild[node] ?? -1; child >= 0; child = nextSibling[child] ?? -1) {
      start[child] = x;
      x += width[child] ?? 0;
      depth[child] = (depth[node] ?? 0) + 1;
      rows = Math.max(rows, (depth[child] ?? 0) + 1);
    }
  }
  return { tree, start, width, depth, firstChild, nextSibling, rows };
}

/**
 * Calls `draw` for each node down to `lastRow` that is at least `least` wide and meets [from, to), parents first. Nodes narrower than
 * that are not visited, nor is what lies beneath them: time depends on what can be seen, not on the size of the tree.
 */
export function visitVisible(
  layout: FlameLayout,
  { from, to, least, lastRow }: { readonly from: number; readonly to: number; readonly least: number; readonly lastRow: number },
  draw: (node: number) => void,
): void {
  const stack = [0];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    draw(node);
    if ((layout.depth[node] ?? 0) >= lastRow) continue;
    for (let child = layout.firstChild[node] ?? -1; child >= 0; child = layout.nextSibling[child] ?? -1) {
      const start = layout.start[child] ?? 0;
      const width = layout.width[child] ?? 0;
      // Siblings stand in the order of their widths: all that follow are narrower still, or further right.
      if (width < least || start >= to) break;
      if (start + width > from) stack.push(child);
    }
  }
}

/** The node at `value` in row `row`; -1 where there is none. */
export function nodeAt(layout: FlameLayout, value: number, row: number): number {
  let node = 0;
  for (let depth = 0; depth < row; depth++) {
    let child = layout.firstChild[node] ?? -1;
    while (child >= 0 && !(value >= (layout.start[child] ?? 0) && value < (layout.start[child] ?? 0) + (layout.width[child] ?? 0))) {
      child = layout.nextSibling[child] ?? -1;
    }
    if (child < 0) return -1;
    node = child;
  }
  return node;
}
