/**
 * A 64-bit integer of a profile: a number when it is safe (|n| < 2^53), else a bigint.
 * Everything decoded here keeps that rule, so equal integers are equal as Map keys.
 */
export type Numeric = number | bigint;

/** The number for a safe integer, the bigint for any other. */
export function normalizeNumeric(value: Numeric): Numeric {
  if (typeof value === 'number') return value;
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/** Exact sum; leaves the doubles only when the result is no longer a safe integer. */
export function addNumeric(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return normalizeNumeric(BigInt(a) + BigInt(b));
}

/** Exact difference, `a - b`. */
export function subtractNumeric(a: Numeric, b: Numeric): Numeric {
  return addNumeric(a, -b);
}
