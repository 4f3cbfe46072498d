import { sourceMapBytes } from './load-source-map.ts';
import { mapScript, mapScriptSync, unmapped, type MapScriptResult } from './map-script.ts';
import { MapperThread, type MapperThreadOptions } from './mapper-thread.ts';
import { keepGenerated, type MappedLocation, type UnmappedScript } from './positions.ts';

export interface SourceMapperOptions extends MapperThreadOptions {
  /** Gets one line when the map of a script cannot be used, at most once a script. */
  readonly onWarning?: ((line: string) => void) | undefined;
  /** A script whose map, with it, is no larger is mapped on the calling thread, in turns of half a millisecond. @default 1 MiB */
  readonly inlineBytes?: number | undefined;
}

const defaultInlineBytes = 1024 * 1024;
/** Scripts whose map failed; a process may make new ones for ever. */
const maxFailed = 10_000;

/**
 * Maps sampled positions to original ones. Scripts without a map, or with one that cannot be used, keep theirs.
 * A large map is read in a worker thread, so the event loop never waits for one; see MapperThread.
 * Holds nothing between calls but the ids of the scripts whose map failed, which are not tried again.
 */
export class SourceMapper {
  readonly #options: SourceMapperOptions;
  readonly #thread: MapperThread;
  readonly #failed = new Set<number>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: SourceMapperOptions = {}) {
    this.#options = options;
    this.#thread = new MapperThread(options);
  }

  /** The locations of all scripts, script by script in order. Never rejects; does not keep the process alive. */
  async map(scripts: readonly UnmappedScript[]): Promise<MappedLocation[]> {
    const mapped: MappedLocation[] = [];
    for (const script of scripts) {
      append(mapped, this.#accept(script, this.#isMappable(script) ? await this.#mapOne(script) : undefined));
    }
    return mapped;
  }

  /**
   * Libraries come with a hundred maps of some KiB each: none of them is felt, but a thread for them takes 12 MiB.
   */
  async #mapOne(script: UnmappedScript): Promise<MapScriptResult> {
    if ((await sourceMapBytes(script)) > (this.#options.inlineBytes ?? defaultInlineBytes)) return this.#mapInThread(script);
    return mapScript(script, this.#options);
  }

  /** Like map, at once and on this thread: for process exit. */
  mapSync(scripts: readonly UnmappedScript[]): MappedLocation[] {
    const mapped: MappedLocation[] = [];
    for (const script of scripts) {
      const result = this.#isMappable(script) ? mapScriptSync(script, this.#options) : undefined;
      append(mapped, this.#accept(script, result));
    }
    return mapped;
  }

  #isMappable({ scriptId, sourceMapUrl, locations }: UnmappedScript): boolean {
    return sourceMapUrl !== '' && locations.length > 0 && !this.#failed.has(scriptId);
  }

  /** One script at a time, over all calls: two maps in memory at once are one too many. */
  #mapInThread(script: UnmappedScript): Promise<MapScriptResult> {
    const result = this.#queue.then(async () => {
      try {
        return await this.#thread.run(script);
      } catch (error) {
        return unmapped(script, `mapping failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    this.#queue = result;
    return result;
  }

  #accept(script: UnmappedScript, result: MapScriptResult | undefined): readonly MappedLocation[] {
    if (result?.warning !== undefined && !this.#failed.has(script.scriptId)) {
      if (this.#failed.size >= maxFailed) this.#failed.clear();
      this.#failed.add(script.scriptId);
      this.#options.onWarning?.(result.warning);
    }
    return result?.locations ?? script.locations.map((location) => keepGenerated(script, location));
  }
}

function append<T>(into: T[], items: readonly T[]): void {
  for (const item of items) into.push(item);
}
