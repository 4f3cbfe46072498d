/** What `hotspan/register` does in the main thread. */
import { finishBeforeSignals, settleOptions, startProfiler, startSpans, stopSync } from './running.ts';

const settled = settleOptions();
if (settled.options.enabled && startProfiler(settled)) {
  startSpans(settled);
  const graceMs = settled.options.exitGrace * 1000;
  const finish = (withinMs: number): void => {
    try {
      stopSync(withinMs);
    } catch (error) {
      settled.log.error(`the last profile is lost: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  // Emitted at a normal end, process.exit() and an uncaught exception alike.
  process.once('exit', () => finish(graceMs));
  // A signal is held back for 2 s at most; the profile has to be made in that time, too.
  finishBeforeSignals(() => finish(Math.min(graceMs, 1500)));
}
