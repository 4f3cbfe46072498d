/** Maps values to pixels, and names round values between its ends. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Linear, widened to round values; zero is in it. `from` and `to` are pixels. */
export function linearScale(values: readonly number[], from: number, to: number): Scale {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  // What is all but nothing has no round steps.
  const step = roundStep((high - low < 1e-100 ? 1 : high - low) / 4);
  const [first, last] = [Math.floor(low / step), Math.max(Math.ceil(high / step), Math.floor(low / step) + 1)];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  const [start, end] = [first * step, last * step];
  return { at: (value) => from + ((value - start) / (end - start)) * (to - from), ticks };
}

/** Logarithmic, over whole powers of ten. What is not above zero stands at the low end. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const positive = values.filter((value) => value > 0);
  const first = positive.length === 0 ? 0 : Math.floor(Math.log10(Math.min(...positive)));
  const last = positive.length === 0 ? 1 : Math.max(first + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9));
  const at = (value: number): number => {
    const exponent = value > 0 ? Math.max(first, Math.log10(value)) : first;
    return from + ((exponent - first) / (last - first)) * (to - from);
  };
  return { at, ticks: Array.from({ length: last - first + 1 }, (_, i) => Number((10 ** (first + i)).toPrecision(1))) };
}

/** The next of 1, 2, 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999) ?? 10 * power;
}
