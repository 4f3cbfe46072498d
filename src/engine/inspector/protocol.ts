/**
 * The parts of V8's inspector protocol that we use.
 * Source: https://chromedevtools.github.io/devtools-protocol/v8/Profiler/ and …/HeapProfiler/
 */
export interface CallFrame {
  /** Empty when anonymous; `(idle)`, `(program)`, `(garbage collector)` and `(root)` are no functions. */
  readonly functionName: string;
  /** '0': no JavaScript. */
  readonly scriptId: string;
  /** Empty for what `eval` and its like made. */
  readonly url: string;
  /** Of the function's start, from 0; -1 when there is none. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export interface CpuProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  /** Ids. */
  readonly children?: readonly number[];
  /** How often each line, from 1, was found when the node was the leaf; a line may come several times. */
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

/** Times in microseconds of V8's monotonic clock. */
export interface CpuProfile {
  /** The root comes first. */
  readonly nodes: readonly CpuProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** The leaf node of each sample. */
  readonly samples?: readonly number[];
  /** Since the sample before, the first since startTime. May be negative: V8 mixes samples of two threads. */
  readonly timeDeltas?: readonly number[];
}

export interface HeapProfileNode {
  readonly callFrame: CallFrame;
  /** Bytes allocated here that live, scaled up from what was sampled. */
  readonly selfSize: number;
  readonly children: readonly HeapProfileNode[];
}
