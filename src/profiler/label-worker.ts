import { createRequire } from 'node:module';

import type { LabelEngine } from '../engine/label-engine.ts';
import { labelPath } from '../engine/label-path.ts';
import type * as threadLabels from '../labels/thread-labels.ts';
import { createLogger } from './logger.ts';

const require = createRequire(import.meta.url);
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/**
 * Labels the samples of a worker thread. What gathers labels is loaded with the first samples only, in a turn of the
 * event loop: a worker is to start as fast as without us. REQUIRES: the thread is attached.
 */
export function labelWorker(engine: LabelEngine): void {
  let loaded: threadLabels.ThreadLabels | undefined;
  const labels = (): threadLabels.ThreadLabels => {
    const { ThreadLabels } = require(`../labels/thread-labels.${extension}`) as typeof threadLabels;
    // The main thread has told what is wrong with the options.
    const log = createLogger(process.env['HOTSPAN_LOG'] === 'error' ? 'error' : 'warn');
    return (loaded ??= new ThreadLabels(engine, (line) => log.warn(line)));
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
    if (loaded === undefined) engine.resolveContexts();
    else loaded.settle();
  });
}
