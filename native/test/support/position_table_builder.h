#pragma once

// Encoders for V8's tables, the inverse of what native/v8/position_table.h
// decodes, with the slow look-ups that the tests compare against.

#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include "../../v8/position_table.h"

namespace hotspan::test {

inline void AppendVlq(std::vector<uint8_t>& to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<uint8_t>(value | 0x80));
  to.push_back(static_cast<uint8_t>(value));
}

template <typename Signed>
void AppendZigzag(std::vector<uint8_t>& to, Signed value) {
  using Unsigned = std::make_unsigned_t<Signed>;
  const Unsigned sign = value < 0 ? ~Unsigned{0} : Unsigned{0};
  AppendVlq(to, static_cast<Unsigned>(static_cast<Unsigned>(value) << 1) ^ sign);
}

struct PositionEntry {
  int32_t code_offset = 0;
  int64_t position = 0;  // packed
  bool is_statement = false;
};

// REQUIRES: code offsets do not fall and begin at -1 or above.
inline std::vector<uint8_t> EncodePositions(const std::vector<PositionEntry>& entries,
                                            PositionEncoding encoding = PositionEncoding::kSign) {
  std::vector<uint8_t> table;
  PositionEntry previous{.code_offset = -1};
  for (const PositionEntry& entry : entries) {
    const int32_t delta = entry.code_offset - previous.code_offset;
    if (encoding == PositionEncoding::kFlagBits) {
      AppendVlq(table, static_cast<uint32_t>(delta) << 2 | 2 | (entry.is_statement ? 1 : 0));
    } else {
      AppendZigzag<int32_t>(table, entry.is_statement ? delta : -delta - 1);
    }
    AppendZigzag<int64_t>(table, entry.position - previous.position);
    previous = entry;
  }
  return table;
}

inline std::optional<uint64_t> SlowPosition(const std::vector<PositionEntry>& entries,
                                            int32_t code_offset) {
  std::optional<uint64_t> found;
  for (const PositionEntry& entry : entries) {
    if (entry.code_offset <= code_offset) found = static_cast<uint64_t>(entry.position);
  }
  return found;
}

// Sizes in the manner of V8: bytecodes 0..3 are prefixes, the others have an
// opcode byte and some operands that double with each scale.
inline std::vector<uint8_t> MakeSizes(const std::vector<uint8_t>& operands) {
  std::vector<uint8_t> sizes;
  for (const int scale : {1, 2, 4}) {
    for (size_t i = 0; i < operands.size(); ++i) {
      sizes.push_back(static_cast<uint8_t>(i < 4 ? 1 : 1 + operands[i] * scale));
    }
  }
  return sizes;
}

}  // namespace hotspan::test
