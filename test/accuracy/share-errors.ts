import assert from 'node:assert/strict';

export interface ShareError {
  name: string;
  expected: number;
  found: number;
}

/** Pairs what is expected with what was found; a name that was not found has share 0. Largest error first. */
export function shareErrors(
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): ShareError[] {
  assert.ok(expected.size > 0, 'nothing to compare');
  return [...expected]
    .map(([name, share]) => ({ name, expected: share, found: found.get(name) ?? 0 }))
    .sort((a, b) => errorOf(b) - errorOf(a));
}

const errorOf = ({ expected, found }: ShareError): number => Math.abs(expected - found);

/** Prints the largest error; when one is above `tolerance` (a share, 0.02 is 2 points), fails with the whole table. */
export function assertErrorsWithin(errors: readonly ShareError[], tolerance: number, what: string): void {
  const [worst] = errors;
  assert.ok(worst);
  console.log(`        ${what}: largest error ${(100 * errorOf(worst)).toFixed(2)} points (${worst.name})`);
  if (errorOf(worst) <= tolerance) return;
  const rows = errors.map(({ name, expected, found }) =>
    [name.padEnd(24), percent(expected), percent(found), percent(found - expected)].join('  '),
  );
  const head = ['function'.padEnd(24), 'expected', '   found', '   error'].join('  ');
  assert.fail(`${what}: more than ${100 * tolerance} points off\n${[head, ...rows].join('\n')}`);
}

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`.padStart(8);
