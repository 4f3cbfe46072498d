/**
 * The global names that hotspan uses in an app, as they were when hotspan was loaded. The build gives each file that runs
 * in an app those of them that the file uses: see scripts/own-globals.mjs. Sources and unit tests use the names as they are.
 *
 * An app may delete, replace or break each of them: fake clocks of tests, sandboxes, a frozen `process`. Of the objects
 * whose functions are commonly replaced one by one (`Date.now`, `performance.now`, `Math.random`, `process.cwd`) these are
 * copies.
 */
import {
  clearImmediate as realClearImmediate, clearInterval as realClearInterval, clearTimeout as realClearTimeout,
  setImmediate as realSetImmediate, setInterval as realSetInterval, setTimeout as realSetTimeout,
} from 'node:timers';

const app = globalThis;

// By node:timers, which a sandbox of a test runner leaves alone.
export const setTimeout = realSetTimeout;
export const setInterval = realSetInterval;
export const setImmediate = realSetImmediate;
export const clearTimeout = realClearTimeout;
export const clearInterval = realClearInterval;
export const clearImmediate = realClearImmediate;

export const performance = copyOfPerformance(app.performance);
export const Date = copyOfDate(app.Date);
// Under another name here: this module's own imports are made by the app's.
const ownProcess = copyOfProcess(app.process);
export { ownProcess as process };
export const Math = copyOf(app.Math);
export const JSON = copyOf(app.JSON);
export const Reflect = copyOf(app.Reflect);
export const Atomics = copyOf(app.Atomics);

// Nothing that Node makes when it is first read, such as `Response`: that is half of undici.
export const {
  Array, Boolean, BigInt, Buffer, Error, Int32Array, Map, Number, Object, Promise, Proxy, RangeError, RegExp, Set, SharedArrayBuffer,
  String, Symbol, TextEncoder, TypeError, URL, Uint32Array, Uint8Array, WeakMap, WeakSet, decodeURIComponent, encodeURIComponent,
} = app;

/** An object of functions that need no receiver. */
function copyOf<T extends object>(original: T): T {
  const { Object: objects } = app;
  return objects.freeze(objects.create(null, objects.getOwnPropertyDescriptors(original)) as T);
}

function copyOfPerformance(original: Performance): Pick<Performance, 'now' | 'timeOrigin'> {
  return { now: original.now.bind(original), timeOrigin: original.timeOrigin };
}

/** The class itself has functions that a test replaces in place. */
function copyOfDate(original: DateConstructor): DateConstructor {
  const copy = class Date extends original {};
  for (const name of ['now', 'parse']) app.Object.defineProperty(copy, name, { value: (original as unknown as Record<string, unknown>)[name] });
  return copy as unknown as DateConstructor;
}

/** What it says (pid, env, versions) is read from the real one, whatever the app's name `process` stands for. */
function copyOfProcess(original: NodeJS.Process): NodeJS.Process {
  const { Object: objects } = app;
  const { Proxy: proxies, Reflect: reflect } = app;
  // What is assigned to the copy is for the real one: `process.execArgv` of a worker, `process.noDeprecation`.
  const real = new proxies(original, { set: (target, name, value) => reflect.set(target, name, value) });
  const copy = objects.create(real) as NodeJS.Process;
  const functions = [
    'cpuUsage', 'cwd', 'emitWarning', 'exit', 'getBuiltinModule', 'getuid', 'hrtime', 'kill', 'listenerCount', 'off', 'on', 'once',
  ];
  for (const name of functions) {
    const own = (original as unknown as Record<string, unknown>)[name];
    if (typeof own === 'function') objects.defineProperty(copy, name, { value: own.bind(original) as unknown });
  }
  return copy;
}
