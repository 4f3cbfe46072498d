import type { NodeBinary } from '../../test/support/node-versions.ts';
import type { Plot } from '../report/plot-types.ts';
import type { Random } from './random.ts';

export interface BenchContext {
  readonly node: NodeBinary;
  /** One round of short programs: shows that all of it runs, and little else. */
  readonly quick: boolean;
  /** How often each variant is run; a scenario may multiply it. */
  readonly rounds: number;
  /** Gives the order of runs. */
  readonly random: Random;
  /** Tells what the table cannot, such as what was skipped. */
  readonly note: (line: string) => void;
  /** Tells that one of the scenario's programs has ended. */
  readonly progress: (done: number, all: number) => void;
}

/** What hotspan has promised for a measure: information, never a failure. */
export type Bar = { readonly atMost: number } | { readonly atLeast: number };

/** Points in which hotspan claims to be ahead of every peer; in throughput, not behind. */
export type Claim = 'start stall' | 'rotation stall' | 'idle cost' | 'label cost' | 'memory' | 'accuracy' | 'throughput';

/** One measure of one variant, in every round. */
export interface Row {
  readonly measure: string;
  readonly variant: string;
  readonly unit: string;
  /** By round, so that those of two variants can be paired; NaN for a round that failed. */
  readonly values: readonly number[];
  /** Why there are no values. */
  readonly missing?: string;
  readonly bar?: Bar;
  readonly claim?: Claim;
  /** Whether more is better. @default false */
  readonly moreIsBetter?: boolean;
  /** How two variants are compared: what may be zero or below has no ratio. @default 'ratio' */
  readonly compare?: 'ratio' | 'difference';
  /** Position on the axis, for rows that make a line in a plot; these stand in no table of variants. */
  readonly x?: number;
}

/** What a series of rows with `x` is to show: a straight line, that it does not rise, or just what it is. */
export interface Fit {
  readonly measure: string;
  readonly expects: 'linear' | 'flat' | 'open';
  /** What one step on the axis is called. */
  readonly per: string;
}

export interface Scenario {
  readonly name: string;
  /** One line for --help. */
  readonly title: string;
  /** What is run and how it is measured, for the report: Markdown. Scenarios without are not part of it. */
  readonly about?: string;
  readonly plots?: readonly Plot[];
  readonly fits?: readonly Fit[];
  readonly run: (context: BenchContext) => Promise<Row[]>;
}
