import type { MappedLocation, UnmappedScript } from '../profile/source-maps/positions.ts';
import type * as sourceMapWorker from '../profile/source-maps/source-map-worker.ts';
import type { SourceMapper, SourceMapperOptions } from '../profile/source-maps/source-map-worker.ts';
import { requireOurs } from './require-ours.ts';

/** As much of a SourceMapper as the profiler uses. */
export type PositionMapper = Pick<SourceMapper, 'map' | 'mapSync'>;

/**
 * A SourceMapper that is loaded with the first script that has a source map. Most programs in production have none, and
 * what reads maps is a third of all that we would load: 0.4 MiB of heap.
 */
export class LazySourceMapper implements PositionMapper {
  readonly #options: SourceMapperOptions;
  #mapper: SourceMapper | undefined;

  constructor(options: SourceMapperOptions) {
    this.#options = options;
  }

  async map(scripts: readonly UnmappedScript[]): Promise<MappedLocation[]> {
    return scripts.length === 0 ? [] : this.#load().map(scripts);
  }

  mapSync(scripts: readonly UnmappedScript[]): MappedLocation[] {
    return scripts.length === 0 ? [] : this.#load().mapSync(scripts);
  }

  #load(): SourceMapper {
    if (this.#mapper !== undefined) return this.#mapper;
    const { SourceMapper } = requireOurs('../profile/source-maps/source-map-worker') as typeof sourceMapWorker;
    return (this.#mapper = new SourceMapper(this.#options));
  }
}
