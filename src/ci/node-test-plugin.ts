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
  const original = Reflect.get(AsyncResource.prototype, 'runInAsyncScope') as RunInAsyncScope;
  const replacement: RunInAsyncScope = function (this: AsyncResource, fn, thisArg, ...args) {
    const title = titleOf(thisArg);
    if (title === undefined) return original.call(this, fn, thisArg, ...args);
    const labelled: Body = (...given) => labelTest(title, () => fn.apply(thisArg, given));
    return original.call(this, labelled, thisArg, ...args);
  };
  Reflect.set(AsyncResource.prototype, 'runInAsyncScope', replacement);
}

type Body = (this: unknown, ...args: unknown[]) => unknown;
type RunInAsyncScope = (this: AsyncResource, fn: Body, thisArg?: unknown, ...args: unknown[]) => unknown;

/**
 * Profiles this process; the summary comes when nothing is left to do. Under `node --test`, which starts a process a
 * file and itself loads nothing, each leaves its own profile and no summary: `hotspan run` around it has one.
 */
export function profileNodeTests(): void {
  const session = openTestSession({ alone: process.env['NODE_TEST_CONTEXT']?.startsWith('child') !== true });
  process.once('beforeExit', () => void session.close());
}

function titleOf(thisArg: unknown): string | undefined {
  if (typeof thisArg !== 'object' || thisArg === null || thisArg.constructor?.name !== 'TestContext') return undefined;
  const { fullName, diagnostic } = thisArg as TestContext;
  return typeof diagnostic === 'function' && typeof fullName === 'string' && fullName !== rootName ? fullName : undefined;
}
