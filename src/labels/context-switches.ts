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
 * Puts a wrapper around the methods that change the context by a call. Each passes its call on until someone listens.
 * To be done before the app loads: libraries copy these methods, dd-trace for one.
 */
export function wrapContextMethods(): void {
  if (wrapped) return;
  wrapped = true;
  const storage = AsyncLocalStorage.prototype;
  wrapCaller(storage, 'run', 1);
  wrapCaller(storage, 'exit', 0);
  wrapBefore(storage, 'enterWith');
  wrapBefore(storage, 'disable');
  wrapBefore(AsyncResource.prototype, 'runInAsyncScope');
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
  hook ??= createHook({ before: () => listener?.left(), after: () => listener?.leaving() });
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

function wrapBefore(prototype: object, name: string): void {
  replace(prototype, name, (original) => {
    return function switchContext(...args) {
      whenUsed?.();
      listener?.leaving();
      return Reflect.apply(original, this, args);
    };
  });
}

/** For a method that changes the context for the time of a callback, its argument number `at`. */
function wrapCaller(prototype: object, name: string, at: number): void {
  replace(prototype, name, (original) => {
    return function switchContext(...args) {
      whenUsed?.();
      const callback = args[at];
      if (listener === undefined || typeof callback !== 'function') return Reflect.apply(original, this, args);
      listener.leaving();
      return Reflect.apply(original, this, [...args.slice(0, at), thenLeave, callback, args.slice(at + 1)]);
    };
  });
}

function thenLeave(callback: () => unknown, args: unknown[]): unknown {
  try {
    return Reflect.apply(callback, null, args);
  } finally {
    listener?.leaving();
  }
}
