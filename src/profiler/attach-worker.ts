/** What `hotspan/register` does in a worker thread: lets the main thread's profiler sample it. */
import { loadAddon } from '../engine/addon.ts';
import { refusesAddon } from '../engine/refuses-addon.ts';
import { threadLabel } from '../engine/thread-label.ts';
import { labelWorker } from './label-worker.ts';
import { hideWorkerFlag, reachWorkers } from './reach-workers.ts';

hideWorkerFlag();
const load = refusesAddon() ? undefined : loadAddon();
if (load !== undefined && 'addon' in load && load.addon.started()) {
  try {
    load.addon.attach(threadLabel());
    labelWorker(load.addon);
  } catch {
    // Its CPU time is counted all the same, as that of a thread without JavaScript.
  }
  reachWorkers();
}
