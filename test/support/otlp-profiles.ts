import protobuf from 'protobufjs';

/**
 * The messages of OTLP profiles as opentelemetry-proto 1.10 publishes them (collector/profiles/v1development,
 * profiles/v1development, resource/v1, common/v1), reduced to what is used, for a decoder that is not ours. The
 * Collector, built from the project's own definitions, reads the same requests in test/e2e/receivers.
 */
const schema = `
  syntax = "proto3";
  message ExportProfilesServiceRequest { repeated ResourceProfiles resource_profiles = 1; ProfilesDictionary dictionary = 2; }
  message ProfilesDictionary {
    repeated Mapping mapping_table = 1; repeated Location location_table = 2; repeated Function function_table = 3;
    repeated Link link_table = 4; repeated string string_table = 5; repeated KeyValueAndUnit attribute_table = 6;
    repeated Stack stack_table = 7;
  }
  message ResourceProfiles { Resource resource = 1; repeated ScopeProfiles scope_profiles = 2; string schema_url = 3; }
  message ScopeProfiles { InstrumentationScope scope = 1; repeated Profile profiles = 2; string schema_url = 3; }
  message Profile {
    ValueType sample_type = 1; repeated Sample samples = 2; fixed64 time_unix_nano = 3; uint64 duration_nano = 4;
    ValueType period_type = 5; int64 period = 6; bytes profile_id = 7; uint32 dropped_attributes_count = 8;
    string original_payload_format = 9; bytes original_payload = 10; repeated int32 attribute_indices = 11;
  }
  message Sample {
    int32 stack_index = 1; repeated int32 attribute_indices = 2; int32 link_index = 3; repeated int64 values = 4;
    repeated fixed64 timestamps_unix_nano = 5;
  }
  message Stack { repeated int32 location_indices = 1; }
  message Location { int32 mapping_index = 1; uint64 address = 2; repeated Line lines = 3; repeated int32 attribute_indices = 4; }
  message Line { int32 function_index = 1; int64 line = 2; int64 column = 3; }
  message Function { int32 name_strindex = 1; int32 system_name_strindex = 2; int32 filename_strindex = 3; int64 start_line = 4; }
  message Mapping {
    uint64 memory_start = 1; uint64 memory_limit = 2; uint64 file_offset = 3; int32 filename_strindex = 4;
    repeated int32 attribute_indices = 5;
  }
  message Link { bytes trace_id = 1; bytes span_id = 2; }
  message ValueType { int32 type_strindex = 1; int32 unit_strindex = 2; }
  message KeyValueAndUnit { int32 key_strindex = 1; AnyValue value = 2; int32 unit_strindex = 3; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message InstrumentationScope { string name = 1; string version = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`;

const requestType = protobuf.parse(schema, { keepCase: false }).root.lookupType('ExportProfilesServiceRequest');

export interface OtlpValueType { typeStrindex: number; unitStrindex: number }
export interface OtlpSample { stackIndex: number; attributeIndices: number[]; linkIndex: number; values: string[]; timestampsUnixNano: string[] }
export interface OtlpProfile {
  sampleType: OtlpValueType;
  samples: OtlpSample[];
  timeUnixNano: string;
  durationNano: string;
  periodType: OtlpValueType | null;
  period: string;
  /** Hexadecimal. */
  profileId: string;
}
export interface OtlpDictionary {
  mappingTable: { memoryStart: string; memoryLimit: string; filenameStrindex: number; attributeIndices: number[] }[];
  locationTable: { mappingIndex: number; address: string; lines: { functionIndex: number; line: string; column: string }[]; attributeIndices: number[] }[];
  functionTable: { nameStrindex: number; systemNameStrindex: number; filenameStrindex: number; startLine: string }[];
  /** Hexadecimal. */
  linkTable: { traceId: string; spanId: string }[];
  stringTable: string[];
  attributeTable: { keyStrindex: number; value: { stringValue?: string } | null; unitStrindex: number }[];
  stackTable: { locationIndices: number[] }[];
}
export interface OtlpRequest {
  resourceProfiles: {
    resource: { attributes: { key: string; value: { stringValue?: string; intValue?: string } }[] };
    scopeProfiles: { scope: { name: string; version: string }; profiles: OtlpProfile[] }[];
  }[];
  dictionary: OtlpDictionary;
}

/** Decodes a request; 64-bit integers become decimal text, bytes hexadecimal. */
export function decodeOtlpProfiles(bytes: Uint8Array): OtlpRequest {
  const message = requestType.decode(bytes);
  const plain = requestType.toObject(message, { longs: String, defaults: true, arrays: true, bytes: Array }) as unknown;
  return hexBytes(plain) as OtlpRequest;
}

/** The id fields, which come as lists of byte values. */
function hexBytes(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    if (/^(traceId|spanId|profileId)$/.test(key)) return Buffer.from(value as number[]).toString('hex');
    return value.map((item) => hexBytes(item));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hexBytes(item, name)]));
}
