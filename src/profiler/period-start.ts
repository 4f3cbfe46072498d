/** When a period began. Its length is measured by the monotonic clock, which no one can set. */
export interface PeriodStart {
  /** Milliseconds since 1970. */
  readonly startMs: number;
  /** The end, if that is now. */
  endMs(): number;
}

/** Asks the calendar clock, once in a period: if it is set meanwhile, the next period begins by the new time. */
export function startOfPeriod(): PeriodStart {
  const startMs = Date.now();
  const began = performance.now();
  return { startMs, endMs: () => startMs + Math.round(performance.now() - began) };
}
