import type { Exporter } from '../delivery/exporter.ts';
import { outOfMemoryFile } from '../delivery/file-exporter.ts';
import { createEngine } from '../engine/create-engine.ts';
import type { Engine } from '../engine/engine.ts';
import type * as idleEngine from '../engine/idle-engine.ts';
import type * as inspectorEngine from '../engine/inspector/inspector-engine.ts';
import { ThreadLabels } from '../labels/thread-labels.ts';
import type { ResolvedOptions } from '../options/option-types.ts';
import { LazySourceMapper } from './lazy-source-mapper.ts';
import type { Logger } from './logger.ts';
import { Profiler } from './profiler.ts';
import { requireOurs } from './require-ours.ts';

/**
 * Puts a profiler together as the options say.
 * @throws EngineError when no engine can run in this process
 */
export function createProfiler(options: ResolvedOptions, exporters: readonly Exporter[], log: Logger): Profiler {
  const engine = createEngine(options.engine, { inspector: loadInspectorEngine, idle: loadIdleEngine }, (line) => log.warn(line));
  if (options.export.some(({ kind }) => kind === 'pyroscope')) engine.labels?.markLocalRoots();
  const labels = engine.labels && new ThreadLabels(engine.labels, (line) => log.warn(line));
  // Nobody else asks for them.
  if (options.export.some(({ kind }) => kind === 'datadog')) labels?.countEndpoints();
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

function loadInspectorEngine(): Engine {
  return (requireOurs('../engine/inspector/inspector-engine') as typeof inspectorEngine).createInspectorEngine();
}

function loadIdleEngine(reason: string): Engine {
  return new (requireOurs('../engine/idle-engine') as typeof idleEngine).IdleEngine(reason);
}
