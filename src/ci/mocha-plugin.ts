import { labelTest } from './label-test.ts';
import { openTestSession } from './test-session.ts';

/** What we use of mocha's Test (mocha 8 to 12). */
interface MochaTest {
  fn?: ((this: unknown, ...args: unknown[]) => unknown) | undefined;
  fullTitle(): string;
}

const labelled = new WeakSet();
/** From here on, so that loading the test files is in the profile; the workers of `--parallel` join in. */
const session = openTestSession();

/** A root hook plugin of mocha: in every process that runs tests. */
export const mochaHooks = {
  beforeEach(this: { currentTest?: MochaTest }): void {
    const test = this.currentTest;
    if (test?.fn === undefined || labelled.has(test.fn)) return;
    test.fn = labelledBody(test.fn, test.fullTitle());
  },
};

/** Once, in the process that the user started, after the reporter is done. */
export async function mochaGlobalTeardown(): Promise<void> {
  await session.close();
}

type Body = NonNullable<MochaTest['fn']>;

function labelledBody(body: Body, title: string): Body {
  const run: Body = function (this: unknown, ...args) {
    return labelTest(title, () => body.apply(this, args));
  };
  // A retry makes a new test of this function, and mocha reads from it whether it wants a callback, and its source.
  Object.defineProperty(run, 'length', { value: body.length });
  run.toString = () => body.toString();
  labelled.add(run);
  return run;
}
