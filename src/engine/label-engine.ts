/** `[key, value, late id, …]`: the labels of one sample; late id 0 for none. */
export type NativeLabels = readonly (string | number)[];

/** What the engine offers to those who label its samples. All of it is about the calling thread. */
export interface LabelEngine {
  /** Whether V8 shows the async context that the caller is in. */
  isInsideContextFrame(): boolean;
  /**
   * For each sample's context, soon after the sample and at most once: enters it and takes the labels that `collect`
   * returns. Before a series of contexts `begin` says whether to. Neither may throw. REQUIRES: started once.
   */
  enableContextFrames(begin: () => boolean, collect: () => NativeLabels): void;
  /**
   * Where contexts cannot be entered: samples belong to the present epoch, until labelEpoch() labels and ends it.
   * Element 0 of the result counts samples. REQUIRES: started once.
   */
  enableEpochs(): Uint32Array;
  labelEpoch(labels: NativeLabels): void;
  /** Asks for the labels of all samples up to now. */
  resolveContexts(): void;
  /** The id of a text that becomes known later. */
  newLateValue(): number;
  /** The first text of an id stays. */
  setLateValue(id: number, text: string): void;
  /** From now on the spans of requests are marked, in all threads, for a backend that finds a profile by its span. */
  markLocalRoots(): void;
  marksLocalRoots(): boolean;
}
