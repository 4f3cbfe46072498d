#include "safepoint_table.h"

#include <cstring>

namespace hotspan {
namespace {

constexpr size_t kCountOffset = 4, kLayoutOffset = 8;
// No function has more calls; a larger count is no table.
constexpr uint32_t kMaxEntries = 1 << 20;

// The entry layout word: 1 bit deopt data, then 3 bits each for the sizes of
// register indexes, pc and deopt index.
struct EntryLayout {
  bool has_deopt_data;
  size_t register_bytes, pc_bytes, deopt_index_bytes;

  explicit EntryLayout(uint32_t packed)
      : has_deopt_data((packed & 1) != 0),
        register_bytes(packed >> 1 & 7),
        pc_bytes(packed >> 4 & 7),
        deopt_index_bytes(packed >> 7 & 7) {}

  // pc, deopt index, pc of the deoptimization exit, the format's own, register
  // indexes
  size_t EntryBytes(const SafepointFormat& format) const {
    return pc_bytes + (has_deopt_data ? deopt_index_bytes + pc_bytes : 0) +
           format.extra_entry_bytes + register_bytes;
  }
};

uint32_t ReadWord(std::span<const uint8_t> bytes, size_t offset) {
  uint32_t word;
  std::memcpy(&word, &bytes[offset], sizeof word);
  return word;
}

uint64_t ReadInteger(std::span<const uint8_t> bytes, size_t offset, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= uint64_t{bytes[offset + i]} << (8 * i);
  return value;
}

}  // namespace

size_t SafepointTableBytes(std::span<const uint8_t> header, const SafepointFormat& format) {
  if (header.size() < kLayoutOffset + 4) return 0;
  uint32_t count = ReadWord(header, kCountOffset);
  if (count > kMaxEntries) return 0;
  return format.header_bytes + count * EntryLayout(ReadWord(header, kLayoutOffset)).EntryBytes(format);
}

std::optional<int32_t> FindDeoptIndex(std::span<const uint8_t> table,
                                      const SafepointFormat& format, uint32_t return_offset) {
  size_t needed = SafepointTableBytes(table, format);
  if (needed == 0 || table.size() < needed) return std::nullopt;
  EntryLayout layout(ReadWord(table, kLayoutOffset));
  if (!layout.has_deopt_data || layout.pc_bytes == 0) return std::nullopt;
  uint32_t count = ReadWord(table, kCountOffset);
  for (uint32_t i = 0; i < count; ++i) {
    size_t entry = format.header_bytes + i * layout.EntryBytes(format);
    if (ReadInteger(table, entry, layout.pc_bytes) != return_offset) continue;
    // Stored plus one: 0 stands for no deoptimization entry.
    uint64_t index = ReadInteger(table, entry + layout.pc_bytes, layout.deopt_index_bytes);
    if (index == 0 || index > INT32_MAX) return std::nullopt;
    return static_cast<int32_t>(index) - 1;
  }
  return std::nullopt;
}

}  // namespace hotspan
