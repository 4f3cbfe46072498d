/**
 * `node --import hotspan/register app.js`: profiles the process from its first line to its end, as the
 * environment says. Never throws, never keeps the process alive, never changes how it ends.
 */
import { finishBeforeSignals, settleOptions, startProfiler, stopSync } from './profiler/running.ts';

const settled = settleOptions();
if (settled.options.enabled && startProfiler(settled)) {
  const finish = (): void => {
    try {
      stopSync();
    } catch (error) {
      settled.log.error(`the last profile is lost: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  // Emitted at a normal end, process.exit() and an uncaught exception alike.
  process.once('exit', finish);
  finishBeforeSignals(finish);
}
