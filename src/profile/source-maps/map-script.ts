import { existsSync } from 'node:fs';
import { workingDirectory } from '../working-directory.ts';
import { cannotUse, loadSourceMap, loadSourceMapSync, type LoadedSourceMap, type LoadOptions } from './load-source-map.ts';
import { mapPositions } from './map-positions.ts';
import { keepGenerated, scriptPath, type MappedLocation, type MappedScript, type UnmappedScript } from './positions.ts';
import { runInTurns, runSteps, type Steps } from './steps.ts';

export interface MapScriptResult {
  /** One for each location of the script, in order. */
  readonly locations: readonly MappedLocation[];
  /** One line; its positions then stayed as generated. */
  readonly warning?: string;
}

/** What an event loop does not feel. */
const turnMs = 0.5;

/** Loads the script's map and maps its locations, in short turns. Never throws: what goes wrong is the warning. */
export async function mapScript(script: UnmappedScript, options: LoadOptions = {}): Promise<MapScriptResult> {
  const loaded = await loadSourceMap(script, options);
  if ('warning' in loaded) return generated(script, loaded.warning);
  try {
    return await runInTurns(mapLoaded(script, loaded), turnMs);
  } catch (error) {
    return generated(script, cannotUse(script, notAMap(error)));
  }
}

/** Like mapScript, blocking. */
export function mapScriptSync(script: UnmappedScript, options: LoadOptions = {}): MapScriptResult {
  const loaded = loadSourceMapSync(script, options);
  if ('warning' in loaded) return generated(script, loaded.warning);
  try {
    return runSteps(mapLoaded(script, loaded));
  } catch (error) {
    return generated(script, cannotUse(script, notAMap(error)));
  }
}

/** What a script gets whose map cannot be used. */
export function unmapped(script: UnmappedScript, reason: string): MapScriptResult {
  return generated(script, `${scriptPath(script.url)} keeps generated positions: ${reason}`);
}

function generated(script: UnmappedScript, warning: string): MapScriptResult {
  return { locations: script.locations.map((location) => keepGenerated(script, location)), warning };
}

function mapLoaded(script: UnmappedScript, { map, ...options }: LoadedSourceMap): Steps<MappedScript> {
  return mapPositions(script, map, { ...options, cwd: workingDirectory(), fileExists: existsSync });
}

function notAMap(error: unknown): string {
  return `it is not a source map of version 3: ${error instanceof Error ? error.message : String(error)}`;
}
