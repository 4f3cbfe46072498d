import { AsyncLocalStorage, AsyncResource, createHook, type AsyncHook } from 'node:async_hooks';

/** Told by Node without AsyncContextFrame, where nothing tells the context of a moment that is over. */
export interface SwitchListener {
  /** The async context is about to change; the present one can still be asked. */
  leaving(): void;
  /** The context has changed, and the one before was not asked. */
  left(): void;
}

let listener: SwitchListener | undefined;
let whenUsed: (() => void) | undefined;
let hook: AsyncHook | undefined;
let wrapped = false;

/**
 * Puts a wrapper around the two methods of Node's that all others call before they change the context, by name, so that
 * libraries which copy the others are seen. Both return before the app's code runs: no frame of hotspan's is in the app's
 * stack traces.
 */
export function wrapContextMethods(): void {
  if (wrapped) return;
  wrapped = true;
  wrapBefore(AsyncLocalStorage.prototype, '_enable', adopt);
  wrapBefore(AsyncLocalStorage.prototype, 'disable');
  watchKeys();
}

/** Ends listening; calls `used` whenever one of the wrapped methods is called, before it changes anything. */
export function listenToUse(used: () => void): void {
  whenUsed = used;
  listener = undefined;
  hook?.disable();
}

/** REQUIRES: wrapContextMethods(). */
export function listenToSwitches(wanted: SwitchListener): void {
  whenUsed = undefined;
  listener = wanted;
  // Before a callback of an outer context the hook runs in the inner one already.
  if (hook === undefined) {
    hook = createHook({ before: () => listener?.left(), after: () => listener?.leaving() });
    wrapBefore(AsyncResource.prototype, 'runInAsyncScope');
  }
  hook.enable();
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

function replace(prototype: object, name: string, make: (original: Method) => Method): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  const original: unknown = descriptor?.value;
  if (descriptor === undefined || typeof original !== 'function') return;
  const replacement = make(original as Method);
  for (const key of ['name', 'length'] as const) Object.defineProperty(replacement, key, { value: original[key], configurable: true });
  Object.defineProperty(prototype, name, { ...descriptor, value: replacement });
}

function wrapBefore(prototype: object, name: string, whileListening: (target: unknown) => void = () => {}): void {
  replace(prototype, name, (original) => {
    return function switchContext(...args) {
      whenUsed?.();
      if (listener !== undefined) {
        whileListening(this);
        listener.leaving();
      }
      return Reflect.apply(original, this, args);
    };
  });
}

/** Where a storage has the key that Node gave it. */
const keySymbol = Symbol('kResourceStore');
interface WatchedStorage {
  [keySymbol]: unknown;
}

/**
 * Node asks a storage for its key each time before it sets or restores a value, which at the end of `run()` is all that
 * shows it. On the prototype, where one function for all is inlined: of a storage's own it would cost each promise 0.1 us.
 */
function watchKeys(): void {
  Object.defineProperty(AsyncLocalStorage.prototype, 'kResourceStore', {
    get(this: WatchedStorage) {
      if (listener !== undefined) listener.leaving();
      return this[keySymbol];
    },
    set(this: WatchedStorage, key: unknown) {
      Object.defineProperty(this, keySymbol, { value: key, writable: true, configurable: true, enumerable: false });
    },
    configurable: true,
    enumerable: false,
  });
}

/** A storage that was made before the watching began has its key itself. */
function adopt(storage: unknown): void {
  const target = storage as Partial<WatchedStorage> & { kResourceStore?: unknown };
  if (target[keySymbol] !== undefined) return;
  const key = target.kResourceStore;
  delete target.kResourceStore;
  target.kResourceStore = key;
}
