#include "position_table.h"

#include <limits>

namespace hotspan {
namespace {

// Reads V8's variable-length integers: 7 bits a byte, lowest first, the high
// bit set while more follow.
class VlqReader {
 public:
  explicit VlqReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  bool done() const { return at_ == bytes_.size(); }

  // nullopt when the bytes end within the number or it takes more than kBits.
  template <int kBits>
  std::optional<uint64_t> Unsigned() {
    uint64_t value = 0;
    for (int shift = 0; shift < kBits && at_ < bytes_.size(); shift += 7) {
      const uint8_t byte = bytes_[at_++];
      const uint64_t payload = byte & 0x7f;
      if (kBits - shift < 7 && (payload >> (kBits - shift)) != 0) return std::nullopt;
      value |= payload << shift;
      if ((byte & 0x80) == 0) return value;
    }
    return std::nullopt;
  }

  template <int kBits>
  std::optional<int64_t> Zigzag() {
    const auto raw = Unsigned<kBits>();
    if (!raw) return std::nullopt;
    return static_cast<int64_t>((*raw >> 1) ^ (0 - (*raw & 1)));
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

std::optional<int64_t> ReadCodeDelta(VlqReader& reader, PositionEncoding encoding) {
  if (encoding == PositionEncoding::kFlagBits) {
    constexpr int kFlags = 2;
    const auto raw = reader.Unsigned<32>();
    return raw ? std::optional(static_cast<int64_t>(*raw >> kFlags)) : std::nullopt;
  }
  const auto delta = reader.Zigzag<32>();
  return delta && *delta < 0 ? -(*delta + 1) : delta;
}

}  // namespace

SourcePosition SourcePosition::Decode(uint64_t packed) {
  return {
      .external = (packed & 1) != 0,
      .script_offset = static_cast<int32_t>((packed >> 1) & 0x3fffffff) - 1,
      .inlining_id = static_cast<int32_t>((packed >> 31) & 0xffff) - 1,
  };
}

std::optional<PositionEntry> FindPositionEntry(std::span<const uint8_t> table, int32_t code_offset,
                                               PositionEncoding encoding) {
  VlqReader reader(table);
  std::optional<PositionEntry> found;
  int64_t offset = -1;
  uint64_t position = 0;  // unsigned: deltas of a corrupt table may wrap
  while (!reader.done()) {
    const auto code_delta = ReadCodeDelta(reader, encoding);
    const auto position_delta = reader.Zigzag<64>();
    if (!code_delta || !position_delta) return std::nullopt;
    offset += *code_delta;
    if (offset > code_offset) {
      if (found) found->is_last = false;
      break;
    }
    position += static_cast<uint64_t>(*position_delta);
    found = PositionEntry{SourcePosition::Decode(position), static_cast<int32_t>(offset), true};
  }
  return found;
}

std::optional<SourcePosition> FindSourcePosition(std::span<const uint8_t> table,
                                                 int32_t code_offset,
                                                 PositionEncoding encoding) {
  const auto entry = FindPositionEntry(table, code_offset, encoding);
  return entry ? std::optional(entry->position) : std::nullopt;
}

size_t BytecodeSizes::LengthAt(std::span<const uint8_t> bytecodes, size_t offset) const {
  constexpr uint8_t kLastPrefix = 3;
  if (offset >= bytecodes.size() || sizes.size() / 3 < count) return 0;
  size_t row = 0;
  size_t prefix = 0;
  uint8_t bytecode = bytecodes[offset];
  if (bytecode <= kLastPrefix) {
    prefix = 1;
    row = (bytecode & 1) == 0 ? 1 : 2;
    if (offset + 1 >= bytecodes.size()) return 0;
    bytecode = bytecodes[offset + 1];
    if (bytecode <= kLastPrefix) return 0;
  }
  if (bytecode >= count) return 0;
  const size_t size = sizes[row * count + bytecode];
  if (size == 0 || prefix + size > bytecodes.size() - offset) return 0;
  return prefix + size;
}

std::optional<int32_t> FindBaselineBytecode(std::span<const uint8_t> table,
                                            std::span<const uint8_t> bytecodes,
                                            const BytecodeSizes& sizes, uint32_t pc_offset) {
  if (bytecodes.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return std::nullopt;
  }
  VlqReader reader(table);
  const auto prologue = reader.Unsigned<32>();
  if (!prologue) return std::nullopt;
  uint64_t pc_end = *prologue;
  if (pc_offset < pc_end) return -1;
  for (size_t bytecode = 0; !reader.done();) {
    const auto machine_length = reader.Unsigned<32>();
    const size_t bytecode_length = sizes.LengthAt(bytecodes, bytecode);
    if (!machine_length || bytecode_length == 0) return std::nullopt;
    pc_end += *machine_length;
    if (pc_offset < pc_end) return static_cast<int32_t>(bytecode);
    bytecode += bytecode_length;
  }
  return std::nullopt;
}

}  // namespace hotspan
