import type { Label, Location, Profile } from 'pprof-format';
import { ownLabels, plainLabel } from '../relabel.ts';
import type { Dictionary, DictionaryLine } from './dictionary.ts';

/** Where a sample was taken: samples that agree in all of it are one. */
export interface SamplePlace {
  readonly stack: number;
  readonly attributes: readonly number[];
  readonly link: number;
}

/** The place of each sample of `profile`, in order; equal places are the same object. Fills `dictionary`. */
export function samplePlaces(profile: Profile, dictionary: Dictionary): SamplePlace[] {
  const locationOf = locationTranslator(profile, dictionary);
  const byKey = new Map<string, SamplePlace>();
  return profile.sample.flatMap((sample) => {
    // A sample without any value adds nothing, and would leave entries in the dictionary that nobody refers to.
    if (sample.value.every((value) => value === 0 || value === 0n)) return [nowhere];
    const stack = dictionary.stack(sample.locationId.map(locationOf));
    const { attributes, link } = translateLabels(sample.label, profile.stringTable.strings, dictionary);
    const key = `${stack};${attributes.join()};${link}`;
    let place = byKey.get(key);
    if (place === undefined) byKey.set(key, (place = { stack, attributes, link }));
    return [place];
  });
}

const nowhere: SamplePlace = { stack: 0, attributes: [], link: 0 };

function translateLabels(
  labels: readonly Label[],
  strings: readonly string[],
  dictionary: Dictionary,
): Pick<SamplePlace, 'attributes' | 'link'> {
  let traceId = '';
  let spanId = '';
  const attributes: number[] = [];
  for (const label of labels) {
    const { key, text, number } = plainLabel(label, strings);
    const value = text ?? String(number);
    if (key === ownLabels.traceId && /^[0-9a-f]{32}$/.test(value)) traceId = value;
    else if (key === ownLabels.spanId && /^[0-9a-f]{16}$/.test(value)) spanId = value;
    else if (key === ownLabels.thread) attributes.push(dictionary.attribute('thread.name', value));
    else attributes.push(dictionary.attribute(key, value));
  }
  if (traceId !== '' && spanId !== '') return { attributes: sorted(attributes), link: dictionary.link(traceId, spanId) };
  // Half a link leads nowhere; it is kept as it came.
  if (traceId !== '') attributes.push(dictionary.attribute(ownLabels.traceId, traceId));
  if (spanId !== '') attributes.push(dictionary.attribute(ownLabels.spanId, spanId));
  return { attributes: sorted(attributes), link: 0 };
}

function sorted(indexes: readonly number[]): number[] {
  return [...new Set(indexes)].sort((a, b) => a - b);
}

function locationTranslator(profile: Profile, dictionary: Dictionary): (id: number | bigint) => number {
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  const byId = <T extends { readonly id: number | bigint }>(items: readonly T[]): Map<number, T> =>
    new Map(items.map((item) => [Number(item.id), item]));
  const locations = byId(profile.location);
  const functions = byId(profile.function);
  const mappings = byId(profile.mapping);
  const known = new Map<number, number>();

  const translate = (location: Location): number => {
    const lines = location.line.map(({ functionId, line, column }): DictionaryLine => {
      const fn = functions.get(Number(functionId));
      const name = fn === undefined ? 0 : dictionary.function(text(fn.name), systemName(text(fn.systemName), text(fn.name)), text(fn.filename), Number(fn.startLine));
      return { function: name, line: Number(line), column: Number(column) };
    });
    const mapping = mappings.get(Number(location.mappingId));
    const mappingIndex =
      mapping === undefined
        ? 0
        : dictionary.mapping({
            start: mapping.memoryStart,
            limit: mapping.memoryLimit,
            offset: mapping.fileOffset,
            file: text(mapping.filename),
            buildId: text(mapping.buildId),
          });
    return dictionary.location(mappingIndex, location.address, lines, mapping === undefined ? 'v8js' : 'native');
  };
  return (rawId) => {
    const id = Number(rawId);
    let index = known.get(id);
    if (index === undefined) {
      const location = locations.get(id);
      known.set(id, (index = location === undefined ? 0 : translate(location)));
    }
    return index;
  };
}

/** Only worth a string when it differs. */
function systemName(system: string, name: string): string {
  return system === name ? '' : system;
}
