#pragma once

// Decoder of the safepoint tables that stand behind optimized machine code.
// Pure, free of V8's headers: any input gives an answer or nullopt.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace hotspan {

// What differs between the compilers' tables.
struct SafepointFormat {
  size_t header_bytes;       // stack slots, entry count, entry layout, what else
  size_t extra_entry_bytes;  // between the deoptimization exit and the registers
};
inline constexpr SafepointFormat kTurboFanSafepoints{12, 0};
inline constexpr SafepointFormat kMaglevSafepoints{16, 1};  // since V8 13

// `table` begins where the instructions end; `return_offset`: of a return address in the code. Returns the index of the
// deoptimization entry that describes the frame there; nullopt when there is
// none. Source: V8's src/codegen/safepoint-table.h, maglev-safepoint-table.h.
std::optional<int32_t> FindDeoptIndex(std::span<const uint8_t> table,
                                      const SafepointFormat& format, uint32_t return_offset);

// How many bytes FindDeoptIndex reads of a table that begins with `header`
// (at least 12 bytes); 0 when it is none.
size_t SafepointTableBytes(std::span<const uint8_t> header, const SafepointFormat& format);

}  // namespace hotspan
