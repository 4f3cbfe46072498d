#pragma once

// Decoders for V8's source position tables and bytecode offset tables. Pure
// functions over bytes, free of V8's headers, so that they can be fuzzed: any
// input gives an answer or nullopt, never a read out of bounds.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace hotspan {

// V8's packed source position (src/codegen/source-position.h).
struct SourcePosition {
  bool external = false;
  int32_t script_offset = -1;  // 0-based character offset, -1 = unknown
  int32_t inlining_id = -1;    // index of the inlining position, -1 = not inlined

  static SourcePosition Decode(uint64_t packed);
};

// How a table's entries hold the code offset's delta and whether the entry is a
// statement or an expression.
enum class PositionEncoding : uint8_t {
  // Zigzag VLQ: delta d of a statement is d, of an expression -(d + 1).
  kSign,
  // Since V8 14: unsigned VLQ, the delta above two flag bits. Bit 0: statement.
  kFlagBits,
};

// An entry of a table, which holds up to the next one.
struct PositionEntry {
  SourcePosition position;
  int32_t code_offset;
  bool is_last;  // of the table
};

// The last entry whose code offset is <= `code_offset`; nullopt as below.
std::optional<PositionEntry> FindPositionEntry(std::span<const uint8_t> table, int32_t code_offset,
                                               PositionEncoding encoding = PositionEncoding::kSign);

// The position of the last entry whose code offset is <= `code_offset`. The
// table is pairs: code offset delta, counted from -1, and zigzag VLQ delta of
// the packed position, counted from 0.
// nullopt: no such entry, or the table is malformed.
std::optional<SourcePosition> FindSourcePosition(std::span<const uint8_t> table,
                                                 int32_t code_offset,
                                                 PositionEncoding encoding = PositionEncoding::kSign);

// V8's Bytecodes::kBytecodeSizes: byte lengths by operand scale.
struct BytecodeSizes {
  std::span<const uint8_t> sizes;  // 3 rows of `count`: single, double, quadruple
  size_t count = 0;

  // Length of the bytecode at `offset`, its Wide/ExtraWide (and debug) prefix
  // included (prefix bytes 0 and 2: double, 1 and 3: quadruple); 0 when it does not fit or is unknown.
  size_t LengthAt(std::span<const uint8_t> bytecodes, size_t offset) const;
};

// Baseline (Sparkplug) code: `table` holds the length of the prologue's machine
// code and then of each bytecode's, as unsigned VLQ (V8's
// src/baseline/bytecode-offset-iterator.cc). Returns the offset of the bytecode
// whose machine code holds `pc_offset`, -1 for the prologue, nullopt when the
// table ends before it or is malformed. For a return address pass its pc - 1.
std::optional<int32_t> FindBaselineBytecode(std::span<const uint8_t> table,
                                            std::span<const uint8_t> bytecodes,
                                            const BytecodeSizes& sizes, uint32_t pc_offset);

}  // namespace hotspan
