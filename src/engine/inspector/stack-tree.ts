/** Adds up values of stacks. Stacks with a common root share its nodes. */
export class StackTree {
  readonly #root: StackNode = { location: -1, parent: undefined, children: new Map(), values: undefined };
  readonly #valueCount: number;

  constructor(valueCount: number) {
    this.#valueCount = valueCount;
  }

  get root(): StackNode {
    return this.#root;
  }

  child(parent: StackNode, location: number): StackNode {
    let node = parent.children.get(location);
    if (node === undefined) {
      node = { location, parent, children: new Map(), values: undefined };
      parent.children.set(location, node);
    }
    return node;
  }

  add(node: StackNode, values: readonly number[]): void {
    const sums = (node.values ??= new Array<number>(this.#valueCount).fill(0));
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (values[i] ?? 0);
  }

  /** All stacks with values, leaf first. */
  *stacks(): Generator<{ readonly locations: number[]; readonly values: readonly number[] }> {
    const waiting: StackNode[] = [this.#root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      for (const child of node.children.values()) waiting.push(child);
      if (node.values === undefined) continue;
      const locations: number[] = [];
      for (let at: StackNode | undefined = node; at?.parent !== undefined; at = at.parent) locations.push(at.location);
      if (locations.length > 0) yield { locations, values: node.values };
    }
  }
}

export interface StackNode {
  readonly location: number;
  readonly parent: StackNode | undefined;
  readonly children: Map<number, StackNode>;
  values: number[] | undefined;
}
