/** What `hotspan/register` does in the main thread. */
import { finishBeforeSignals, settleOptions, startProfiler, stopSync } from './running.ts';

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
