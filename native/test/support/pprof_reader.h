#pragma once

// A reader of pprof's profile.proto for tests. Written against the format and
// sharing no code with the encoder, so that a mistake in one shows in the
// other; as strict as can be.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hotspan::test {

struct PprofValueType {
  std::string type, unit;
  bool operator==(const PprofValueType&) const = default;
};

struct PprofFrame {
  std::string name, file;
  int64_t start_line = 0, line = 0, column = 0;
  uint64_t address = 0;
  std::string mapping_file, build_id;  // empty: no mapping
  uint64_t mapping_start = 0, mapping_limit = 0, mapping_offset = 0;
  auto operator<=>(const PprofFrame&) const = default;
};

// A label as (key, text, number).
struct PprofLabel {
  std::string key, text;
  int64_t number = 0;
  auto operator<=>(const PprofLabel&) const = default;
};

struct PprofSample {
  std::vector<PprofFrame> frames;  // leaf first
  std::vector<PprofLabel> labels;  // sorted
  std::vector<int64_t> values;
};

struct PprofProfile {
  std::vector<PprofValueType> sample_types;
  std::vector<PprofSample> samples;
  PprofValueType period_type;
  int64_t period = 0, time_nanos = 0, duration_nanos = 0;
  std::string default_sample_type;
  std::vector<std::string> comments, strings;
  size_t function_count = 0, location_count = 0, mapping_count = 0;
};

// nullopt, with the reason in `error`, unless: the bytes are well-formed; each
// id is unique, not 0, used, and each reference resolves; string 0 is empty,
// strings are unique valid UTF-8; each sample has a stack, one value a sample
// type, and no other sample has its stack and labels.
std::optional<PprofProfile> ReadPprof(std::string_view bytes, std::string& error);

}  // namespace hotspan::test
