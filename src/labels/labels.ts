/**
 * Labels of a sample. Keys are at most 100 characters, values at most 200; what is longer is cut. At most 16 labels.
 * Whole numbers stay numbers, others become text. `thread` is hotspan's own and is left out.
 */
export type Labels = Readonly<Record<string, string | number>>;

/** Gives the labels of the async context that it is called in; undefined for none. */
export type LabelProvider = () => Labels | undefined;

/** Where a sample's labels are gathered. */
export interface LabelSink {
  /**
   * The last value of a key wins.
   * @param late a late value (see LateValues): its text, once known, takes the place of `value`
   */
  add(key: string, value: string | number, late?: number): void;
}

/** What knows labels: a user's provider, or a tracing library. */
export interface LabelSource {
  /** For the one line that says it failed or was too slow. */
  readonly name: string;
  /** Whether it may have labels at all, now; asked before each series of samples. */
  isActive(): boolean;
  /** Adds the labels of the async context that it is called in. May throw. */
  collect(sink: LabelSink): void;
}

/** Texts that become known after the sample: see native/core/late_values.h. */
export interface LateValues {
  newLateValue(): number;
  setLateValue(id: number, text: string): void;
}
