import type { NodeBinary } from '../../test/support/node-versions.ts';

export interface BenchContext {
  readonly node: NodeBinary;
  /** Fewer rounds, shorter programs. */
  readonly quick: boolean;
  /** Directory of an installed @datadog/pprof; undefined leaves that variant out. */
  readonly datadog: string | undefined;
  /** Tells what the table cannot, such as what was skipped. */
  readonly note: (line: string) => void;
}

/** What hotspan has promised for a measure: information, never a failure. */
export type Bar = { readonly atMost: number } | { readonly atLeast: number };

/** One measure of one variant, in every round. */
export interface Row {
  readonly measure: string;
  readonly variant: string;
  readonly unit: string;
  readonly values: readonly number[];
  readonly bar?: Bar;
}

export interface Scenario {
  readonly name: string;
  /** One line for --help. */
  readonly title: string;
  readonly run: (context: BenchContext) => Promise<Row[]>;
}
