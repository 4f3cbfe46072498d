import type { Encodable, HeapSession, ProfileHeader } from '../engine.ts';
import { EngineError } from '../engine-error.ts';
import { encodeStacks } from './encode-stacks.ts';
import { borrowConnection, giveBackConnection, type InspectorConnection } from './inspector-connection.ts';
import type { LocationTable } from './location-table.ts';
import type { HeapProfileNode } from './protocol.ts';
import { type StackNode, StackTree } from './stack-tree.ts';

/** Sessions over V8's heap sampler, of which an isolate has one: it runs while any is open. */
export class HeapRecorder {
  readonly #table: LocationTable;
  #connection: InspectorConnection | undefined;
  #intervalBytes = 0;
  #open = 0;

  constructor(table: LocationTable) {
    this.#table = table;
  }

  /** @throws EngineError when another tool uses the sampler */
  openSession(intervalBytes: number): HeapSession {
    if (this.#open === 0) this.#start(intervalBytes);
    this.#open++;
    return { take: () => this.#take(), close: () => this.#close() };
  }

  #start(intervalBytes: number): void {
    const connection = borrowConnection();
    // V8 would say yes, go on with the other's sampling, and end that with ours.
    if (isSampling(connection)) {
      giveBackConnection(connection);
      throw new EngineError("V8's heap profiler is in use by another tool in this process");
    }
    connection.post('HeapProfiler.startSampling', { samplingInterval: intervalBytes });
    this.#connection = connection;
    this.#intervalBytes = intervalBytes;
  }

  #close(): Encodable {
    const taken = this.#take();
    this.#open--;
    if (this.#open === 0 && this.#connection !== undefined) {
      this.#connection.post('HeapProfiler.stopSampling');
      giveBackConnection(this.#connection);
      this.#connection = undefined;
    }
    return taken;
  }

  #take(): Encodable {
    const { profile } = this.#connection?.post('HeapProfiler.getSamplingProfile') as {
      readonly profile: { readonly head: HeapProfileNode };
    };
    let tree: StackTree | undefined;
    const folded = (): StackTree => (tree ??= this.#fold(profile.head));
    this.#table.foldLater(folded);
    const encode = (header: ProfileHeader): Uint8Array =>
      encodeStacks(
        {
          sampleTypes: [['inuse_space', 'bytes']],
          defaultType: 'inuse_space',
          periodType: ['space', 'bytes'],
          period: this.#intervalBytes,
          stacks: folded().stacks(),
        },
        { ...header, comments: [...header.comments, limits] },
        this.#table,
      );
    return { encode: (header) => Promise.resolve(encode(header)), encodeSync: encode };
  }

  #fold(head: HeapProfileNode): StackTree {
    const tree = new StackTree(1);
    const waiting: { readonly node: HeapProfileNode; readonly at: StackNode }[] = [{ node: head, at: tree.root }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { node, at } = next;
      if (node.selfSize > 0 && at !== tree.root) tree.add(at, [node.selfSize]);
      for (const child of node.children) {
        waiting.push({ node: child, at: tree.child(at, this.#table.idOf(child.callFrame, 0)) });
      }
    }
    return tree;
  }
}

const limits =
  "engine: inspector (V8's heap sampler): what lives of the main thread's heap, by function; V8 tells neither lines nor numbers of objects";

function isSampling(connection: InspectorConnection): boolean {
  try {
    connection.post('HeapProfiler.getSamplingProfile');
    return true;
  } catch {
    return false;
  }
}
