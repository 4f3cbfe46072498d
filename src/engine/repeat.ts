import { loadAddon } from './addon.ts';
import { refusesAddon } from './refuses-addon.ts';

/**
 * Calls `call`, which must not throw, every `ms`; does not keep the process alive. By a timer of the event loop's own,
 * which neither the app's async hooks nor its fake clocks know of. Without the addon by one of Node's.
 * @returns ends it
 */
export function repeat(ms: number, call: () => void): () => void {
  const load = refusesAddon() ? undefined : loadAddon();
  if (load !== undefined && 'addon' in load) {
    const { addon } = load;
    const id = addon.startTimer(ms, call);
    return () => addon.stopTimer(id);
  }
  const timer = setInterval(call, ms).unref();
  return () => clearInterval(timer);
}
