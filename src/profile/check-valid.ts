import type { Profile } from 'pprof-format';
import { normalizeNumeric, type Numeric } from './numeric.ts';

/** Enough to see what is wrong; a broken file may hold millions. */
const maxProblems = 20;

/**
 * Structural problems of a profile, one line each, at most 20; empty when it is valid.
 * The contract is that of google/pprof's `CheckValid` and of its string lookups: ids are unique and not 0,
 * every reference resolves, every sample has one value a sample type, strings start with ''.
 */
export function checkValid(profile: Profile): string[] {
  const problems: string[] = [];
  const report = (problem: string): boolean => problems.push(problem) >= maxProblems;
  for (const check of [checkStrings, checkTables, checkSamples]) {
    if (check(profile, report)) break;
  }
  return problems;
}

/** Takes one problem; true when no more are wanted. */
type Report = (problem: string) => boolean;

function checkStrings(profile: Profile, report: Report): boolean {
  const count = profile.stringTable.strings.length;
  if (profile.stringTable.strings[0] !== '' && report("string_table[0] must be ''")) return true;
  for (const [owner, index] of stringReferences(profile)) {
    if (isIndexBelow(index, count)) continue;
    if (report(`${owner} names string ${index} of ${count}`)) return true;
  }
  return false;
}

function* stringReferences(profile: Profile): Generator<[owner: string, index: Numeric]> {
  const periodType = profile.periodType === undefined ? [] : [profile.periodType];
  for (const type of [...profile.sampleType, ...periodType]) yield* references('a value type', type.type, type.unit);
  for (const mapping of profile.mapping) yield* references('a mapping', mapping.filename, mapping.buildId);
  for (const fn of profile.function) yield* references('a function', fn.name, fn.systemName, fn.filename);
  // Not as arguments: a file may hold more of them than a call can take.
  for (const comment of profile.comment) yield ['a comment', comment];
  yield* references('the profile', profile.dropFrames, profile.keepFrames, profile.defaultSampleType, profile.docUrl);
}

function* references(owner: string, ...indexes: Numeric[]): Generator<[owner: string, index: Numeric]> {
  for (const index of indexes) yield [owner, index];
}

function checkTables(profile: Profile, report: Report): boolean {
  const mappings = collectIds('mapping', profile.mapping, report);
  const functions = collectIds('function', profile.function, report);
  for (const location of profile.location) {
    const mappingId = normalizeNumeric(location.mappingId);
    if (mappingId !== 0 && !mappings.has(mappingId)) {
      if (report(`location ${location.id} names mapping ${mappingId}, which does not exist`)) return true;
    }
    for (const line of location.line) {
      if (functions.has(normalizeNumeric(line.functionId))) continue;
      if (report(`location ${location.id} names function ${line.functionId}, which does not exist`)) return true;
    }
  }
  return false;
}

function checkSamples(profile: Profile, report: Report): boolean {
  const locations = collectIds('location', profile.location, report);
  const typeCount = profile.sampleType.length;
  const stringCount = profile.stringTable.strings.length;
  if (typeCount === 0 && profile.sample.length > 0 && report('there are samples but no sample types')) return true;
  for (const [index, sample] of profile.sample.entries()) {
    if (sample.value.length !== typeCount) {
      if (report(`sample ${index} has ${sample.value.length} values for ${typeCount} sample types`)) return true;
    }
    for (const id of sample.locationId) {
      if (locations.has(normalizeNumeric(id))) continue;
      if (report(`sample ${index} names location ${id}, which does not exist`)) return true;
    }
    for (const label of sample.label) {
      if (isIndexBelow(label.key, stringCount) && isIndexBelow(label.str, stringCount)
        && isIndexBelow(label.numUnit, stringCount)) continue;
      if (report(`a label of sample ${index} names a string beyond the ${stringCount} there are`)) return true;
    }
  }
  return false;
}

function collectIds(kind: string, items: readonly { id: Numeric }[], report: Report): Set<Numeric> {
  const ids = new Set<Numeric>();
  for (const item of items) {
    const id = normalizeNumeric(item.id);
    const problem = id === 0 ? `a ${kind} has the reserved id 0` : ids.has(id) ? `two ${kind}s have id ${id}` : '';
    if (problem !== '' && report(problem)) break;
    ids.add(id);
  }
  return ids;
}

function isIndexBelow(index: Numeric, count: number): boolean {
  return index >= 0 && index < count;
}
