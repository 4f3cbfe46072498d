import resolver from '@jridgewell/resolve-uri';
import { SegmentFinder, type Segment } from './find-segments.ts';
import { GeneratedText } from './generated-text.ts';
import { MapSections, type GeneratedPosition, type MapSection } from './map-sections.ts';
import { originalName, type NameAt } from './original-name.ts';
import { keepGenerated, scriptPath, type MappedLocation, type MappedScript, type UnmappedLocation, type UnmappedScript } from './positions.ts';
import { sourceResolver, type SourceResolverOptions } from './resolve-source.ts';
import type { Steps } from './steps.ts';

/** Its types describe its CommonJS face. */
const resolveUri = resolver as unknown as (uri: string, base: string) => string;

export interface MapPositionsOptions extends SourceResolverOptions {
  /** Absolute path or URL of the map, which its sources are relative to; the script's own for an inline map. */
  readonly mapUrl?: string | undefined;
  /** Text of the script. With it a function's name is found by reading, without it by the distances in the map. */
  readonly scriptText?: string | undefined;
}

/**
 * Turns generated positions into original ones by a source map, version 3, with or without sections (ECMA-426), given
 * as the bytes of its file. Touches nothing else. Positions the map says nothing about stay as generated.
 * Throws when it is not a source map.
 */
export function* mapPositions(script: UnmappedScript, map: Buffer, options: MapPositionsOptions = {}): Steps<MappedScript> {
  const text = options.scriptText === undefined ? undefined : yield* GeneratedText.of(options.scriptText);
  const names = new NameCache(text);
  const segments = new SegmentFinder();
  for (const location of script.locations) {
    segments.want(startOf(location));
    segments.want(positionOf(location));
    // Where it looks depends on the text alone.
    names.of(location, (line, column) => segments.want({ line, column }));
    yield;
  }
  const sections = new MapSections(map);
  yield* segments.read(yield* sections.find());
  const originals = yield* Originals.read(script, sections, segments, options);
  const answers = new NameCache(text);
  const locations: MappedLocation[] = [];
  for (const location of script.locations) {
    locations.push(mapOne(script, location, originals, answers));
    yield;
  }
  return { scriptId: script.scriptId, locations };
}

function mapOne(script: UnmappedScript, location: UnmappedLocation, originals: Originals, names: NameCache): MappedLocation {
  const start = originals.at(startOf(location));
  const position = location.line > 0 ? originals.at(positionOf(location)) : start && { ...start, line: 0, column: 0 };
  const generated = keepGenerated(script, location);
  const functionName = names.of(location, originals.nameAt);
  const name = functionName === '' ? {} : { functionName };
  if (position === undefined) return { ...generated, ...name };
  return { id: location.id, ...position, ...name, functionStartLine: start?.file === position.file ? start.line : 0 };
}

/** From 0, as maps count. */
const startOf = ({ functionLine, functionColumn }: UnmappedLocation): GeneratedPosition => ({ line: functionLine - 1, column: functionColumn - 1 });
const positionOf = ({ line, column }: UnmappedLocation): GeneratedPosition => ({ line: line - 1, column: Math.max(column, 1) - 1 });

/** A function usually has several sampled locations. */
class NameCache {
  readonly #text: GeneratedText | undefined;
  readonly #names = new Map<string, string>();

  constructor(text: GeneratedText | undefined) {
    this.#text = text;
  }

  of({ functionName, functionLine, functionColumn }: UnmappedLocation, nameAt: NameAt): string {
    if (functionName === '' || functionLine < 1 || functionColumn < 1) return functionName;
    const key = `${functionLine}:${functionColumn}:${functionName}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = originalName(functionName, { line: functionLine - 1, column: functionColumn - 1 }, nameAt, this.#text);
      this.#names.set(key, name);
    }
    return name;
  }
}

interface OriginalPosition { readonly file: string; readonly line: number; readonly column: number }

/** The texts that belong to a section's indices, as far as they are wanted. */
interface SectionTexts { readonly files: ReadonlyMap<number, string>; readonly names: ReadonlyMap<number, string> }

/** What was found, in words: files and names in place of indices. */
class Originals {
  readonly #segments: SegmentFinder;
  readonly #texts: ReadonlyMap<MapSection, SectionTexts>;

  private constructor(segments: SegmentFinder, texts: ReadonlyMap<MapSection, SectionTexts>) {
    this.#segments = segments;
    this.#texts = texts;
  }

  static *read(script: UnmappedScript, sections: MapSections, segments: SegmentFinder, options: MapPositionsOptions): Steps<Originals> {
    // As a path, because sources are rarely percent-encoded and must not be mixed with a directory that is.
    const mapUrl = scriptPath(options.mapUrl ?? script.url);
    const directory = mapUrl.slice(0, mapUrl.lastIndexOf('/') + 1);
    const resolve = sourceResolver(mapUrl, options);
    const texts = new Map<MapSection, SectionTexts>();
    for (const [section, found] of segments.bySection()) {
      const sources = yield* sections.texts(section.sources, new Set(found.map(({ source }) => source)));
      const names = yield* sections.texts(section.names, new Set(found.map(({ name }) => name)));
      // It counts as a directory, with a slash at its end or without.
      const root = section.sourceRoot === '' ? '' : `${section.sourceRoot}/`;
      const files = new Map(Array.from(sources, ([index, source]) => [index, resolve(resolveUri(root + source, directory))]));
      texts.set(section, { files, names });
    }
    return new Originals(segments, texts);
  }

  at(generated: GeneratedPosition): OriginalPosition | undefined {
    const segment = this.#segments.at(generated);
    if (segment === undefined) return undefined;
    const file = this.#textsOf(segment)?.files.get(segment.source);
    return file === undefined ? undefined : { file, line: segment.line + 1, column: segment.column + 1 };
  }

  readonly nameAt: NameAt = (line, column) => {
    const segment = this.#segments.at({ line, column });
    // Only a segment that starts here speaks of the identifier here.
    if (segment === undefined || segment.generatedColumn !== column) return undefined;
    return this.#textsOf(segment)?.names.get(segment.name) || undefined;
  };

  #textsOf({ section }: Pick<Segment, 'section'>): SectionTexts | undefined {
    return this.#texts.get(section);
  }
}
