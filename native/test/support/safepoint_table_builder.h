#pragma once

// An encoder of V8's safepoint tables, the inverse of what
// native/v8/safepoint_table.h decodes.

#include <cstdint>
#include <vector>

#include "../../v8/safepoint_table.h"

namespace hotspan::test {

struct SafepointEntry {
  uint32_t pc = 0;
  int32_t deopt_index = -1;
};

struct SafepointShape {
  SafepointFormat format = kTurboFanSafepoints;
  size_t pc_bytes = 2, deopt_index_bytes = 1, register_bytes = 0;
};

// REQUIRES: the values fit the shape's sizes.
inline std::vector<uint8_t> EncodeSafepoints(const std::vector<SafepointEntry>& entries,
                                             const SafepointShape& shape) {
  std::vector<uint8_t> table;
  const auto append = [&](uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) table.push_back(static_cast<uint8_t>(value >> (8 * i)));
  };
  append(9, 4);  // stack slots
  append(entries.size(), 4);
  append(1 | shape.register_bytes << 1 | shape.pc_bytes << 4 | shape.deopt_index_bytes << 7, 4);
  append(0, shape.format.header_bytes - 12);
  for (const SafepointEntry& entry : entries) {
    append(entry.pc, shape.pc_bytes);
    append(static_cast<uint64_t>(entry.deopt_index + 1), shape.deopt_index_bytes);
    append(0x55, shape.pc_bytes);  // the deoptimization exit
    append(0, shape.format.extra_entry_bytes + shape.register_bytes);
  }
  return table;
}

}  // namespace hotspan::test
