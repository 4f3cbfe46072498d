import { syncBuiltinESMExports } from 'node:module';

type Exec = (...args: unknown[]) => unknown;

let watched = false;

/**
 * Calls `end` before `process.execve()` (Node 22.15 and later) replaces the program: a signal under way would meet the
 * new one, and the last profile would be lost. `end` gives back what goes on when the call throws. Once a process.
 */
export function finishBeforeExec(end: () => () => void): void {
  const { execve } = process as unknown as { execve?: Exec };
  if (watched || typeof execve !== 'function') return;
  watched = true;
  const replaced = function (this: unknown, ...args: unknown[]): unknown {
    const goOn = end();
    try {
      return Reflect.apply(execve, this, args);
    } catch (error) {
      goOn();
      throw error;
    }
  };
  for (const key of ['name', 'length'] as const) Object.defineProperty(replaced, key, { value: execve[key], configurable: true });
  (process as unknown as { execve: Exec }).execve = replaced;
  syncBuiltinESMExports(); // for import { execve } from 'node:process'
}
