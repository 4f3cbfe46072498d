import {
  emptyTableToken,
  Function as ProfileFunction,
  Label,
  Line,
  Location,
  Mapping,
  Profile,
  Sample,
  StringTable,
  ValueType,
  type FunctionInput,
  type LabelInput,
  type LineInput,
  type MappingInput,
  type ValueTypeInput,
} from 'pprof-format';
import { checkValid } from './check-valid.ts';
import { gunzip, isGzip } from './gzip.ts';
import type { Numeric } from './numeric.ts';
import { ProfileError } from './profile-error.ts';
import { maxHeldBytes, WireReader } from './wire-reader.ts';

/**
 * Decodes a pprof profile, gzipped or not, and checks that it is whole and consistent (see checkValid).
 * Integers are numbers when safe, else bigints; int64 values are signed.
 * Throws ProfileError (`HOTSPAN_ERR_PROFILE_EMPTY`, `HOTSPAN_ERR_PROFILE_CORRUPT`) and nothing else, also for what would
 * take about `maxHeld` bytes of memory and more.
 * Field numbers: https://github.com/google/pprof/blob/main/proto/profile.proto
 */
export function decodeProfile(bytes: Uint8Array, maxHeld = maxHeldBytes): Profile {
  if (bytes.length === 0) throw new ProfileError('HOTSPAN_ERR_PROFILE_EMPTY', 'empty, not a pprof profile');
  const raw = isGzip(bytes) ? gunzip(bytes) : bytes;
  if (raw.length === 0) throw new ProfileError('HOTSPAN_ERR_PROFILE_EMPTY', 'empty, not a pprof profile');

  const profile = new Profile({ stringTable: new StringTable(emptyTableToken) });
  new WireReader(raw, maxHeld).readFields(profile, readProfileField);
  if (profile.sampleType.length === 0) {
    throw new ProfileError('HOTSPAN_ERR_PROFILE_CORRUPT', 'not a pprof profile: it declares no sample type');
  }
  const [problem] = checkValid(profile);
  if (problem !== undefined) throw new ProfileError('HOTSPAN_ERR_PROFILE_CORRUPT', `malformed profile: ${problem}`);
  return profile;
}

function readProfileField(profile: Profile, field: number, reader: WireReader): boolean {
  switch (field) {
    case 1: profile.sampleType.push(readValueType(reader)); return true;
    case 2: profile.sample.push(readSample(reader)); return true;
    case 3: profile.mapping.push(new Mapping(reader.message<MappingInput>({}, readMappingField))); return true;
    case 4: profile.location.push(readLocation(reader)); return true;
    case 5: profile.function.push(new ProfileFunction(reader.message<FunctionInput>({}, readFunctionField))); return true;
    case 6: profile.stringTable._decodeString(reader.bytes()); return true;
    case 7: profile.dropFrames = reader.int64(); return true;
    case 8: profile.keepFrames = reader.int64(); return true;
    case 9: profile.timeNanos = reader.int64(); return true;
    case 10: profile.durationNanos = reader.int64(); return true;
    case 11: profile.periodType = readValueType(reader); return true;
    case 12: profile.period = reader.int64(); return true;
    case 13: reader.int64s(profile.comment); return true;
    case 14: profile.defaultSampleType = reader.int64(); return true;
    case 15: profile.docUrl = reader.int64(); return true;
    default: return false;
  }
}

function readValueType(reader: WireReader): ValueType {
  return new ValueType(reader.message<ValueTypeInput>({}, readValueTypeField));
}

function readValueTypeField(target: ValueTypeInput, field: number, reader: WireReader): boolean {
  switch (field) {
    case 1: target.type = reader.int64(); return true;
    case 2: target.unit = reader.int64(); return true;
    default: return false;
  }
}

interface SampleParts { locationId: Numeric[]; value: Numeric[]; label: Label[] }

function readSample(reader: WireReader): Sample {
  const sample = reader.message<SampleParts>({ locationId: [], value: [], label: [] }, readSampleField);
  // Now, not when all is read: a small file may hold millions of them.
  if (sample.value.length === 0) throw new ProfileError('HOTSPAN_ERR_PROFILE_CORRUPT', 'malformed profile: a sample has no value');
  return new Sample(sample);
}

function readSampleField(sample: SampleParts, field: number, reader: WireReader): boolean {
  switch (field) {
    case 1: reader.uint64s(sample.locationId); return true;
    case 2: reader.int64s(sample.value); return true;
    case 3: sample.label.push(new Label(reader.message<LabelInput>({}, readLabelField))); return true;
    default: return false;
  }
}

function readLabelField(label: LabelInput, field: number, reader: WireReader): boolean {
  switch (field) {
    case 1: label.key = reader.int64(); return true;
    case 2: label.str = reader.int64(); return true;
    case 3: label.num = reader.int64(); return true;
    case 4: label.numUnit = reader.int64(); return true;
    default: return false;
  }
}

function readMappingField(mapping: MappingInput, field: number, reader: WireReader): boolean {
  switch (field) {
    case 1: mapping.id = reader.uint64(); return true;
    case 2: mapping.memoryStart = reader.uint64(); return true;
    case 3: mapping.memoryLimit = reader.uint64(); return true;
    case 4: mapping.fileOffset = reader.uint64(); return true;
    case 5: mapping.filename = reader.int64(); return true;
    case 6: mapping.buildId = reader.int64(); return true;
    case 7: mapping.hasFunctions = reader.bool(); return true;
    case 8: mapping.hasFilenames = reader.bool(); return true;
    case 9: mapping.hasLineNumbers = reader.bool(); return true;
    case 10: mapping.hasInlineFrames = reader.bool(); return true;
    default: return false;
  }
}

interface LocationParts { id: Numeric; mappingId: Numeric; address: Numeric; line: Line[]; isFolded: boolean }

function readLocation(reader: WireReader): Location {
  const parts: LocationParts = { id: 0, mappingId: 0, address: 0, line: [], isFolded: false };
  return new Location(reader.message(parts, readLocationField));
}

function readLocationField(location: LocationParts, field: number, reader: WireReader): boolean {
  switch (field) {
    case 1: location.id = reader.uint64(); return true;
    case 2: location.mappingId = reader.uint64(); return true;
    case 3: location.address = reader.uint64(); return true;
    case 4: location.line.push(new Line(reader.message<LineInput>({}, readLineField))); return true;
    case 5: location.isFolded = reader.bool(); return true;
    default: return false;
  }
}

function readLineField(line: LineInput, field: number, reader: WireReader): boolean {
  switch (field) {
    case 1: line.functionId = reader.uint64(); return true;
    case 2: line.line = reader.int64(); return true;
    case 3: line.column = reader.int64(); return true;
    default: return false;
  }
}

function readFunctionField(target: FunctionInput, field: number, reader: WireReader): boolean {
  switch (field) {
    case 1: target.id = reader.uint64(); return true;
    case 2: target.name = reader.int64(); return true;
    case 3: target.systemName = reader.int64(); return true;
    case 4: target.filename = reader.int64(); return true;
    case 5: target.startLine = reader.int64(); return true;
    default: return false;
  }
}
