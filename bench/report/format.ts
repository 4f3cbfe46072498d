import type { Estimate } from '../support/statistics.ts';

/** Three digits that mean something; whole numbers whole, thousands with commas. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'n/a';
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return grouped(value);
  const size = Math.abs(value);
  if (size >= 100) return grouped(Math.round(value));
  if (size >= 10) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  if (size < 0.0005) return size === 0 ? '0' : value.toExponential(0);
  return value.toPrecision(2);
}

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** `4.9 (4.7 to 5.2)`; one value alone when there is no interval. */
export function formatEstimate({ median, low, high, n }: Estimate): string {
  return n < 2 ? formatNumber(median) : `${formatNumber(median)} (${formatNumber(low)} to ${formatNumber(high)})`;
}
