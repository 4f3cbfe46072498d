/** Bars, a group for each measure and one for each variant in it, with their intervals. */
export interface BarPlot {
  readonly kind: 'bars';
  /** Name of the image, without an ending. */
  readonly file: string;
  readonly title: string;
  readonly measures: readonly string[];
  /** Logarithmic: for what differs by powers of ten. @default false */
  readonly log?: boolean;
}

/** Lines, one for each variant, over the rows of one measure that have an `x`. */
export interface LinePlot {
  readonly kind: 'lines';
  readonly file: string;
  readonly title: string;
  readonly measure: string;
  readonly xLabel: string;
  readonly logX?: boolean;
  readonly logY?: boolean;
}

export type Plot = BarPlot | LinePlot;
