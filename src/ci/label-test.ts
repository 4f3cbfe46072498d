import { withLabels } from '../labels/with-labels.ts';

/** Samples carry the full title of their test under this key. */
export const testLabel = 'test';

/** Runs a test's body: all samples of it and of what it starts carry the test's title. */
export function labelTest<Result>(title: string, body: () => Result): Result {
  return withLabels({ [testLabel]: title }, body);
}
