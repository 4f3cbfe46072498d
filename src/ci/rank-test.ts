/** A shift between two groups of runs, in the unit of the values. */
export interface Shift {
  /** Median of all differences head - base (Hodges and Lehmann). */
  readonly estimate: number;
  /** 95% confidence interval; infinite with too few runs to give one. */
  readonly low: number;
  readonly high: number;
}

/** Beyond this many runs a side the normal approximation is as good, and the exact count slow. */
const exactUpTo = 40;

/**
 * The probability of ranks at least as high for `head` as those seen, were it all the same which runs are head's
 * (Wilcoxon's and Mann and Whitney's rank sum test, one-sided, exact, ties counted as such). Distribution-free.
 * 1 when a side is empty.
 */
export function rankTest(base: readonly number[], head: readonly number[]): number {
  if (base.length === 0 || head.length === 0) return 1;
  // Doubled, because the rank of a tie may be a half.
  const ranks = doubledRanks([...base, ...head]);
  const seen = ranks.slice(base.length).reduce((sum, rank) => sum + rank, 0);
  if (Math.max(base.length, head.length) > exactUpTo) return normalTail(ranks, head.length, seen);
  const counts = sumCounts(ranks, head.length);
  let atLeast = 0;
  let all = 0;
  for (const [sum, count] of counts.entries()) {
    all += count;
    if (sum >= seen) atLeast += count;
  }
  return atLeast / all;
}

/** By how much head lies above base. */
export function shift(base: readonly number[], head: readonly number[]): Shift {
  const differences = head.flatMap((h) => base.map((b) => h - b)).sort((a, b) => a - b);
  const outside = rankOfBound(base.length, head.length);
  const bounded = outside >= 1;
  return {
    estimate: medianOfSorted(differences),
    low: bounded ? differences[outside - 1] ?? -Infinity : -Infinity,
    high: bounded ? differences[differences.length - outside] ?? Infinity : Infinity,
  };
}

/** The middle value; the mean of the two middle ones when their number is even. 0 for none. */
export function median(values: readonly number[]): number {
  return medianOfSorted(values.toSorted((a, b) => a - b));
}

/** The least probability that so few runs can give at all. */
export function leastProbability(base: number, head: number): number {
  let combinations = 1;
  for (let i = 1; i <= head; i++) combinations = (combinations * (base + i)) / i;
  return 1 / combinations;
}

function medianOfSorted(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half) - 1] ?? 0)) / 2;
}

function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && order[to + 1]?.value === order[from]?.value) to += 1;
    for (let i = from; i <= to; i++) ranks[order[i]?.index ?? 0] = from + to + 2;
    from = to + 1;
  }
  return ranks;
}

const knownCounts = new Map<string, Float64Array>();

/** In how many ways `size` of the ranks add up to each sum. */
function sumCounts(ranks: readonly number[], size: number): Float64Array {
  const sorted = ranks.toSorted((a, b) => a - b);
  const key = `${size}:${sorted.join()}`;
  const known = knownCounts.get(key);
  if (known !== undefined) return known;
  const most = sorted.reduce((sum, rank) => sum + rank, 0);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(most + 1));
  const [none] = ways;
  if (none !== undefined) none[0] = 1;
  for (const rank of sorted) {
    for (let taken = size; taken >= 1; taken--) {
      const [from, to] = [ways[taken - 1], ways[taken]];
      if (from === undefined || to === undefined) continue;
      for (let sum = most; sum >= rank; sum--) to[sum] = (to[sum] ?? 0) + (from[sum - rank] ?? 0);
    }
  }
  const counts = ways[size] ?? new Float64Array(1);
  if (knownCounts.size < 64) knownCounts.set(key, counts);
  return counts;
}

function normalTail(ranks: readonly number[], size: number, seen: number): number {
  const n = ranks.length;
  const mean = ranks.reduce((sum, rank) => sum + rank, 0) / n;
  const spread = ranks.reduce((sum, rank) => sum + (rank - mean) ** 2, 0) / (n - 1);
  const deviation = Math.sqrt(spread * size * (1 - size / n));
  // A step of the doubled sum is 2 at most, half of it the correction for continuity.
  return deviation === 0 ? 1 : 1 - normalBelow((seen - 1 - size * mean) / deviation);
}

/** Abramowitz and Stegun 26.2.17; its error is below 1e-7. */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI)
    * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

/** How many of the sorted differences lie outside a 95% interval on each side, counted so that it covers at least 95%. */
function rankOfBound(base: number, head: number): number {
  if (base === 0 || head === 0) return 0;
  if (Math.max(base, head) > exactUpTo) {
    return Math.floor((base * head) / 2 - 1.96 * Math.sqrt((base * head * (base + head + 1)) / 12));
  }
  const counts = sumCounts(Array.from({ length: base + head }, (_, index) => 2 * (index + 1)), head);
  const all = counts.reduce((sum, count) => sum + count, 0);
  const least = head * (head + 1);
  let below = 0;
  for (let u = 0; u <= base * head; u++) {
    below += (counts[least + 2 * u] ?? 0) / all;
    if (below > 0.025) return u;
  }
  return 0;
}
