import type { FlameData } from './flame-data.ts';

/** A call tree in arrays; node 0 is the root, parents stand before their children. */
export interface FlameTree {
  readonly parent: ArrayLike<number>;
  /** -1 for the root. */
  readonly frame: ArrayLike<number>;
  /** Values of the node and all beneath it. */
  readonly head: Float64Array;
  readonly base: Float64Array;
}

export interface FlameSelection {
  /** Position in `FlameData.types`. */
  readonly type: number;
  /** Keeps samples that carry this label; `value` undefined: those without the key. */
  readonly label?: { readonly key: string; readonly value: string | undefined } | undefined;
}

/** The call tree of the samples selected. */
export function flameTree(data: FlameData, { type, label }: FlameSelection): FlameTree {
  const { parent, frame } = data.nodes;
  const head = new Float64Array(parent.length);
  const base = new Float64Array(parent.length);
  const wanted = data.labelSets.map((set) => label === undefined || matches(set, label.key, label.value));
  const values = data.samples.values[type] ?? [];
  for (const [sample, node] of data.samples.node.entries()) {
    if (wanted[data.samples.labelSet[sample] ?? -1] !== true) continue;
    const side = data.samples.side[sample] === 0 ? head : base;
    side[node] = (side[node] ?? 0) + (values[sample] ?? 0);
  }
  for (let node = parent.length - 1; node > 0; node--) {
    const up = parent[node] ?? 0;
    head[up] = (head[up] ?? 0) + (head[node] ?? 0);
    base[up] = (base[up] ?? 0) + (base[node] ?? 0);
  }
  return { parent, frame, head, base };
}

function matches(set: FlameData['labelSets'][number], key: string, value: string | undefined): boolean {
  const found = set.filter(([each]) => each === key);
  return value === undefined ? found.length === 0 : found.some(([, each]) => each === value);
}

export interface FrameSums {
  readonly frame: number;
  /** Value of samples in which the frame is the innermost. */
  readonly flat: number;
  readonly baseFlat: number;
  /** Value of samples with the frame anywhere; recursion counts once. */
  readonly cum: number;
  readonly baseCum: number;
}

/** One row for each frame that has a value in the tree. */
export function frameSums(tree: FlameTree, frameCount: number): FrameSums[] {
  const rows = Array.from({ length: frameCount }, (_, frame) => ({ frame, flat: 0, baseFlat: 0, cum: 0, baseCum: 0 }));
  const outermost = outermostNodes(tree);
  for (let node = 1; node < tree.parent.length; node++) {
    const row = rows[tree.frame[node] ?? -1];
    const above = rows[tree.frame[tree.parent[node] ?? 0] ?? -1];
    const head = tree.head[node] ?? 0;
    const base = tree.base[node] ?? 0;
    if (row === undefined) continue;
    row.flat += head;
    row.baseFlat += base;
    if (above !== undefined) {
      above.flat -= head;
      above.baseFlat -= base;
    }
    if (outermost[node] === 1) {
      row.cum += head;
      row.baseCum += base;
    }
  }
  return rows.filter(({ cum, baseCum }) => cum !== 0 || baseCum !== 0);
}

/** 1 for each node that has no ancestor of the same frame. */
export function outermostNodes({ parent, frame }: FlameTree): Uint8Array {
  const outermost = new Uint8Array(parent.length);
  for (let node = 1; node < parent.length; node++) {
    let up = parent[node] ?? 0;
    while (up > 0 && frame[up] !== frame[node]) up = parent[up] ?? 0;
    outermost[node] = up > 0 ? 0 : 1;
  }
  return outermost;
}

/** Who calls a frame (its root's children are the callers) and what it calls, over all places it is called from. */
export function sandwichTrees(tree: FlameTree, frame: number): { readonly callers: FlameTree; readonly callees: FlameTree } {
  const callers = new TreeBuilder(frame);
  const callees = new TreeBuilder(frame);
  const outermost = outermostNodes(tree);
  /** Where each node beneath an occurrence stands in `callees`; -1 elsewhere. */
  const place = new Int32Array(tree.parent.length).fill(-1);
  for (let node = 1; node < tree.parent.length; node++) {
    const [head, base] = [tree.head[node] ?? 0, tree.base[node] ?? 0];
    const above = place[tree.parent[node] ?? 0] ?? -1;
    if (tree.frame[node] === frame && outermost[node] === 1) {
      place[node] = 0;
      callees.add(0, head, base);
      callers.add(0, head, base);
      let into = 0;
      for (let up = tree.parent[node] ?? 0; up > 0; up = tree.parent[up] ?? 0) {
        into = callers.child(into, tree.frame[up] ?? -1);
        callers.add(into, head, base);
      }
    } else if (above >= 0) {
      const into = callees.child(above, tree.frame[node] ?? -1);
      place[node] = into;
      callees.add(into, head, base);
    }
  }
  return { callers: callers.tree(), callees: callees.tree() };
}

class TreeBuilder {
  readonly #parent = [-1];
  readonly #frame: number[];
  readonly #head = [0];
  readonly #base = [0];
  readonly #byKey = new Map<string, number>();

  constructor(rootFrame: number) {
    this.#frame = [rootFrame];
  }

  child(parent: number, frame: number): number {
    const key = `${parent},${frame}`;
    let node = this.#byKey.get(key);
    if (node === undefined) {
      node = this.#parent.push(parent) - 1;
      this.#frame.push(frame);
      this.#head.push(0);
      this.#base.push(0);
      this.#byKey.set(key, node);
    }
    return node;
  }

  add(node: number, head: number, base: number): void {
    this.#head[node] = (this.#head[node] ?? 0) + head;
    this.#base[node] = (this.#base[node] ?? 0) + base;
  }

  tree(): FlameTree {
    return { parent: this.#parent, frame: this.#frame, head: Float64Array.from(this.#head), base: Float64Array.from(this.#base) };
  }
}
