import assert from 'node:assert/strict';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { inspect } from 'node:util';

import { listenToSwitches, listenToUse, wrapContextMethods } from '../../../src/labels/context-switches.ts';

type Storage = AsyncLocalStorage<string>;

const older: Storage = new AsyncLocalStorage();
/** Only Node's implementation without AsyncContextFrame has contexts whose changes are watched. */
const isWatched = 'enabled' in older;
const methods = ['run', 'exit', 'enterWith', 'getStore'] as const;
const methodsNow = (): unknown[] => methods.map((name): unknown => Object.getOwnPropertyDescriptor(AsyncLocalStorage.prototype, name)?.value);
const plain = methodsNow();
const framesOf = (storage: Storage): string => storage.run('inner', () => new Error('here').stack ?? '');
const plainStack = framesOf(older);

(isWatched ? describe : describe.skip)('watching changes of context', () => {
  before(() => wrapContextMethods());
  afterEach(() => listenToUse(() => {}));

  /** The context of each moment at which the present context is about to be left. */
  function left(storage: Storage, act: () => void): (string | undefined)[] {
    const seen: (string | undefined)[] = [];
    let asking = false;
    const leaving = (): void => {
      if (asking) return;
      asking = true;
      const context = storage.getStore();
      if (seen.at(-1) !== context || seen.length === 0) seen.push(context);
      asking = false;
    };
    listenToSwitches({ leaving, left: () => {} });
    act();
    listenToUse(() => {});
    return seen;
  }

  for (const [when, storage] of [['before', () => older], ['after', () => new AsyncLocalStorage<string>()]] as const) {
    it(`is told of each context before its end, of a storage made ${when} the watching began`, () => {
      const own = storage();
      const seen = left(own, () => {
        own.enterWith('outer');
        own.run('inner', () => own.run('innermost', () => {}));
        own.exit(() => {});
        own.enterWith('next');
      });
      assert.deepEqual(seen, [undefined, 'outer', 'inner', 'innermost', 'inner', 'outer', undefined, 'outer']);
      own.disable();
    });
  }

  it('is told before a scope of another resource begins', () => {
    const storage: Storage = new AsyncLocalStorage();
    storage.enterWith('outer');
    const resource = storage.run('inner', () => new AsyncResource('test'));
    assert.ok(left(storage, () => resource.runInAsyncScope(() => {})).includes('outer'));
    storage.disable();
  });

  it('puts no frame into the stack traces of the app', () => {
    listenToSwitches({ leaving: () => {}, left: () => {} });
    const names = (stack: string): string[] => stack.split('\n').map((line) => line.replace(/:\d+:\d+\)?$|\(.*$/, ''));
    for (const storage of [older, new AsyncLocalStorage<string>()]) {
      assert.deepEqual(names(framesOf(storage)).slice(0, 4), names(plainStack).slice(0, 4));
    }
  });

  it('leaves the methods that an app calls or copies as they are', () => {
    assert.deepEqual(methodsNow(), plain);
    assert.match(inspect(new AsyncLocalStorage()), /^AsyncLocalStorage \{[^[]*\}$/);
  });
});
