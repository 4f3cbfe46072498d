interface Scale { readonly suffix: string; readonly factor: number }

const timeScales: readonly Scale[] = [
  { suffix: 'ns', factor: 1 },
  { suffix: 'us', factor: 1e3 },
  { suffix: 'ms', factor: 1e6 },
  { suffix: 's', factor: 1e9 },
];
// Powers of 1024 under decimal names, as `go tool pprof` prints them.
const byteScales: readonly Scale[] = [
  { suffix: 'B', factor: 1 },
  { suffix: 'kB', factor: 1024 },
  { suffix: 'MB', factor: 1024 ** 2 },
  { suffix: 'GB', factor: 1024 ** 3 },
  { suffix: 'TB', factor: 1024 ** 4 },
];
const units: Readonly<Record<string, { readonly scales: readonly Scale[]; readonly factor: number }>> = {
  nanoseconds: { scales: timeScales, factor: 1 },
  microseconds: { scales: timeScales, factor: 1e3 },
  milliseconds: { scales: timeScales, factor: 1e6 },
  seconds: { scales: timeScales, factor: 1e9 },
  bytes: { scales: byteScales, factor: 1 },
  kilobytes: { scales: byteScales, factor: 1024 },
};

/**
 * A profile value for people, three significant digits: `1.23s`, `45.6ms`, `12.3MB`. Counts and unknown units are
 * printed in full, an unknown unit behind the number: `1234`, `12 pages`.
 */
export function formatValue(value: number, unit: string): string {
  if (value === 0) return '0';
  const known = units[unit];
  if (known === undefined) return unit === 'count' || unit === '' ? String(value) : `${value} ${unit}`;
  const base = value * known.factor;
  // 999.6us is 1.00ms when rounded, so the scale is chosen on the rounded value.
  const size = Number(Math.abs(base).toPrecision(3));
  const scale = known.scales.findLast(({ factor }) => size >= factor) ?? known.scales[0];
  if (scale === undefined) return String(value);
  const scaled = base / scale.factor;
  return `${Math.abs(scaled) >= 100 ? scaled.toFixed(0) : String(Number(scaled.toPrecision(3)))}${scale.suffix}`;
}

/** `12.34%`; `0%` for nothing. */
export function formatPercent(percent: number): string {
  if (percent === 0) return '0%';
  return `${percent.toFixed(2)}%`;
}
