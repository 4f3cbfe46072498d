#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "stack_profile.h"

namespace hotspan {

struct ValueType {
  std::string type;  // "cpu"
  std::string unit;  // "nanoseconds"
};

// What a native address turned out to be. `function` empty: unknown symbol;
// the encoder then names it by the mapping's file name ("[libc.so.6]"), or
// "(unknown)" without a mapping. `drop`: leave the frame out of the stack.
struct NativeFrame {
  std::string function;
  std::string file;           // mapped object, absolute path; may be empty
  std::string build_id;       // hex; may be empty
  uint64_t mapping_start = 0; // 0 with limit 0: no mapping
  uint64_t mapping_limit = 0;
  uint64_t mapping_offset = 0;
  bool drop = false;
};

// Names native addresses in bulk; called once per encoding, off the JS thread.
// Returns one entry for each address, in order. Addresses come sorted, each
// once; not called when there are none.
using NativeSymbolizer = std::function<std::vector<NativeFrame>(std::span<const uint64_t>)>;

// One thread's share of the profile. The labels() of its profile are frozen by the
// encoder.
struct ProfilePart {
  std::shared_ptr<const StackProfile> profile;
  std::vector<Label> labels;  // on every sample of the part: thread
  // More labels of each LabelSetId of the part, beside those that the profile's
  // labels() hold; index 0 is the empty set.
  std::vector<std::vector<Label>> label_sets;
  // What an outermost native function says of its thread, null when nothing. The
  // first that says something, of any stack with the label set, names the set.
  const char* (*label_of_root)(std::string_view function) = nullptr;
};

struct PprofOptions {
  std::vector<ValueType> sample_types;  // 1..kMaxValues, order of Values
  std::string default_sample_type;
  ValueType period_type;
  int64_t period = 0;
  int64_t time_unix_ns = 0;
  int64_t duration_ns = 0;
  std::vector<std::string> comments;  // empty ones are left out
};

// Encodes to an uncompressed pprof profile (google/pprof proto/profile.proto).
//
// Functions are merged by (name, file, start line), locations by (function,
// line, column) or native address, over all parts; stacks are leaf first;
// samples whose values are all zero are left out; samples that end up with
// equal stacks and labels are added up. What overflowed a StackProfile's
// limits becomes one sample with the single frame "(stack table full)"; a stack
// that is empty, or was after native frames were dropped, has the single frame
// "(unknown)", so that no value is lost. A function without a name is
// "(anonymous)", a location id that the CodeTable does not know (kNoId: it was
// full) "(code table full)". Bytes that are not UTF-8 become U+FFFD.
//
// Line.column is emitted (profile.proto field 3 of Line). Any thread.
std::string EncodePprof(const PprofOptions& options, std::span<const ProfilePart> parts,
                        const NativeSymbolizer& symbolize);

}  // namespace hotspan
