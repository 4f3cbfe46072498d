#pragma once

// Decoder of the safepoint tables that stand behind optimized machine code.
// Pure, free of V8's headers: any input gives an answer or nullopt.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace hotspan {

// `table` begins where the instructions end; `header_bytes`: 12 for TurboFan's
// tables (stack slots, entry count, entry layout), 16 for Maglev's.
// `return_offset`: of a return address in the code. Returns the index of the
// deoptimization entry that describes the frame there; nullopt when there is
// none. Source: V8's src/codegen/safepoint-table.h.
std::optional<int32_t> FindDeoptIndex(std::span<const uint8_t> table, size_t header_bytes,
                                      uint32_t return_offset);

// How many bytes FindDeoptIndex reads of a table that begins with `header`
// (at least 12 bytes); 0 when it is none.
size_t SafepointTableBytes(std::span<const uint8_t> header, size_t header_bytes);

}  // namespace hotspan
