import { existsSync } from 'node:fs';
import { loadSourceMap, loadSourceMapSync, type LoadOptions, type LoadResult } from './load-source-map.ts';
import { mapPositions } from './map-positions.ts';
import { keepGenerated, scriptPath, type MappedLocation, type UnmappedScript } from './positions.ts';

export interface MapScriptResult {
  /** One for each location of the script, in order. */
  readonly locations: readonly MappedLocation[];
  /** One line; its positions then stayed as generated. */
  readonly warning?: string;
}

/** Loads the script's map and maps its locations. Never throws: what goes wrong is the warning. */
export async function mapScript(script: UnmappedScript, options: LoadOptions = {}): Promise<MapScriptResult> {
  return mapLoaded(script, await loadSourceMap(script, options));
}

/** Like mapScript, blocking. */
export function mapScriptSync(script: UnmappedScript, options: LoadOptions = {}): MapScriptResult {
  return mapLoaded(script, loadSourceMapSync(script, options));
}

/** What a script gets whose map cannot be used. */
export function unmapped(script: UnmappedScript, reason: string): MapScriptResult {
  const warning = `${scriptPath(script.url)} keeps generated positions: ${reason}`;
  return { locations: script.locations.map((location) => keepGenerated(script, location)), warning };
}

function mapLoaded(script: UnmappedScript, loaded: LoadResult): MapScriptResult {
  if ('warning' in loaded) {
    return { locations: script.locations.map((location) => keepGenerated(script, location)), warning: loaded.warning };
  }
  try {
    const { map, ...options } = loaded;
    return mapPositions(script, map, { ...options, cwd: process.cwd(), fileExists: existsSync });
  } catch (error) {
    return unmapped(script, `its source map is corrupt: ${error instanceof Error ? error.message : String(error)}`);
  }
}
