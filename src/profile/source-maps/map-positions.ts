import { FlattenMap, traceSegment, TraceMap, type SourceMapInput } from '@jridgewell/trace-mapping';
import { GeneratedText } from './generated-text.ts';
import { originalName, type NameAt } from './original-name.ts';
import { keepGenerated, scriptPath, type MappedLocation, type MappedScript, type UnmappedLocation, type UnmappedScript } from './positions.ts';
import { sourceResolver, type SourceResolverOptions } from './resolve-source.ts';

/** A parsed source map, version 3, with or without sections. Source: ECMA-426. */
export type RawSourceMap = Readonly<Record<string, unknown>>;

export interface MapPositionsOptions extends SourceResolverOptions {
  /** Absolute path or URL of the map, which its sources are relative to; the script's own for an inline map. */
  readonly mapUrl?: string | undefined;
  /** Text of the script. With it a function's name is found by reading, without it by the distances in the map. */
  readonly scriptText?: string | undefined;
}

/**
 * Turns generated positions into original ones. Pure. Positions the map says nothing about stay as generated.
 * Throws when the map is not a source map at all.
 */
export function mapPositions(script: UnmappedScript, map: RawSourceMap, options: MapPositionsOptions = {}): MappedScript {
  const mapper = new PositionMapper(script, map, options);
  return { scriptId: script.scriptId, locations: script.locations.map((location) => mapper.map(location)) };
}

interface OriginalPosition { readonly file: string; readonly line: number; readonly column: number }

class PositionMapper {
  readonly #script: UnmappedScript;
  readonly #map: TraceMap;
  readonly #text: GeneratedText | undefined;
  readonly #resolve: (source: string) => string;
  readonly #names = new Map<string, string>();

  constructor(script: UnmappedScript, map: RawSourceMap, options: MapPositionsOptions) {
    // As a path, because sources are rarely percent-encoded and must not be mixed with a directory that is.
    const mapUrl = scriptPath(options.mapUrl ?? script.url);
    this.#script = script;
    // The shape is checked by the library as far as it needs it; a wrong one throws here.
    this.#map = FlattenMap(map as unknown as Exclude<SourceMapInput, string>, mapUrl);
    this.#text = options.scriptText === undefined ? undefined : new GeneratedText(options.scriptText);
    this.#resolve = sourceResolver(mapUrl, options);
  }

  map(location: UnmappedLocation): MappedLocation {
    const { line, column, functionLine, functionColumn } = location;
    const start = this.#original(functionLine, functionColumn);
    const position = line > 0 ? this.#original(line, Math.max(column, 1)) : start && { ...start, line: 0, column: 0 };
    const generated = keepGenerated(this.#script, location);
    const functionName = this.#functionName(location);
    const name = functionName === '' ? {} : { functionName };
    if (position === undefined) return { ...generated, ...name };
    return { id: location.id, ...position, ...name, functionStartLine: start?.file === position.file ? start.line : 0 };
  }

  #original(line: number, column: number): OriginalPosition | undefined {
    if (line < 1 || column < 1) return undefined;
    const segment = traceSegment(this.#map, line - 1, column - 1);
    if (segment === null || segment.length === 1) return undefined;
    const [, sourceIndex, originalLine, originalColumn] = segment;
    const source = this.#map.sources[sourceIndex] == null ? undefined : this.#map.resolvedSources[sourceIndex];
    if (source === undefined) return undefined;
    return { file: this.#resolve(source), line: originalLine + 1, column: originalColumn + 1 };
  }

  /** Cached, since a function usually has several sampled locations. */
  #functionName({ functionName, functionLine, functionColumn }: UnmappedLocation): string {
    if (functionName === '' || functionLine < 1 || functionColumn < 1) return functionName;
    const key = `${functionLine}:${functionColumn}:${functionName}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      const start = { line: functionLine - 1, column: functionColumn - 1 };
      name = originalName(functionName, start, this.#nameAt, this.#text);
      this.#names.set(key, name);
    }
    return name;
  }

  readonly #nameAt: NameAt = (line, column) => {
    const segment = line < 0 || column < 0 ? null : traceSegment(this.#map, line, column);
    // Only a segment that starts here speaks of the identifier here.
    if (segment === null || segment.length !== 5 || segment[0] !== column) return undefined;
    return this.#map.names?.[segment[4]] || undefined;
  };
}
