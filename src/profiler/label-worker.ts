import type { LabelEngine } from '../engine/label-engine.ts';
import { labelPath } from '../engine/label-path.ts';
import { ThreadLabels } from '../labels/thread-labels.ts';
import { createLogger } from './logger.ts';

/**
 * Labels the samples of a worker thread. What gathers labels is made with the first samples only, in a turn of the event
 * loop: a worker is to start as fast as without us. REQUIRES: the thread is attached.
 */
export function labelWorker(engine: LabelEngine): void {
  let made: ThreadLabels | undefined;
  const labels = (): ThreadLabels => {
    // The main thread has told what is wrong with the options.
    const log = createLogger(process.env['HOTSPAN_LOG'] === 'error' ? 'error' : 'warn');
    return (made ??= new ThreadLabels(engine, (line) => log.warn(line)));
  };
  if (labelPath(engine) === 'async-hooks') {
    labels().start();
  } else {
    engine.enableContextFrames(
      () => labels().findActive(),
      () => labels().collect(),
    );
  }
  // The last turn in which labels can be asked for.
  process.once('exit', () => {
    try {
      if (made === undefined) engine.resolveContexts();
      else made.settle();
    } catch {
      // The last samples of the worker have no labels; its end is its own.
    }
  });
}
