import type { Exporter } from '../delivery/exporter.ts';
import { outOfMemoryFile } from '../delivery/file-exporter.ts';
import { createNativeEngine } from '../engine/native-engine.ts';
import { ThreadLabels } from '../labels/thread-labels.ts';
import type { ResolvedOptions } from '../options/option-types.ts';
import { LazySourceMapper } from './lazy-source-mapper.ts';
import type { Logger } from './logger.ts';
import { Profiler } from './profiler.ts';

/**
 * Puts a profiler together as the options say.
 * @throws EngineError when no engine can run in this process
 */
export function createProfiler(options: ResolvedOptions, exporters: readonly Exporter[], log: Logger): Profiler {
  const engine = createNativeEngine();
  const labels = new ThreadLabels(engine.labels, (line) => log.warn(line));
  // Nobody else asks for them.
  if (options.export.some(({ kind }) => kind === 'datadog')) labels.countEndpoints();
  const file = options.export.find(({ kind }) => kind === 'file');
  return new Profiler({
    engine,
    labels,
    options,
    exporters,
    // Many packages point to maps they do not ship: no reason to write to the stderr of an app.
    sourceMapper: new LazySourceMapper({ onWarning: (line) => log.info(line) }),
    log,
    ...(file?.kind === 'file' && { outOfMemoryFile: outOfMemoryFile(file.directory) }),
  });
}
