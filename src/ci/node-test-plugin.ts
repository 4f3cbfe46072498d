import { AsyncResource } from 'node:async_hooks';
import { labelTest } from './label-test.ts';
import { openTestSession } from './test-session.ts';

/** What node:test hands to the body of a test; suites have no such function. */
interface TestContext {
  readonly fullName: string;
  readonly diagnostic: unknown;
}

const rootName = '<root>';

/**
 * Labels the tests of node:test. Its hooks cannot wrap a test's body, and each test runs in the async context of its
 * declaration, not in that of its hooks. But it runs by `AsyncResource.runInAsyncScope`, as documented for resources,
 * with its context as `this`: that call is taken, and every other left as it is.
 */
export function labelNodeTests(): void {
  const original = AsyncResource.prototype.runInAsyncScope;
  AsyncResource.prototype.runInAsyncScope = function <This, Result>(
    this: AsyncResource,
    fn: (this: This, ...args: unknown[]) => Result,
    thisArg?: This,
    ...args: unknown[]
  ): Result {
    const title = titleOf(thisArg);
    if (title === undefined) return Reflect.apply(original, this, [fn, thisArg, ...args]) as Result;
    const labelled = (...given: unknown[]): Result => labelTest(title, () => Reflect.apply(fn, thisArg, given));
    return Reflect.apply(original, this, [labelled, thisArg, ...args]) as Result;
  };
}

/** Profiles this process and the runner's other processes; the summary comes when nothing is left to do. */
export function profileNodeTests(): void {
  const session = openTestSession();
  process.once('beforeExit', () => void session.close());
}

function titleOf(thisArg: unknown): string | undefined {
  if (typeof thisArg !== 'object' || thisArg === null || thisArg.constructor?.name !== 'TestContext') return undefined;
  const { fullName, diagnostic } = thisArg as TestContext;
  return typeof diagnostic === 'function' && typeof fullName === 'string' && fullName !== rootName ? fullName : undefined;
}
