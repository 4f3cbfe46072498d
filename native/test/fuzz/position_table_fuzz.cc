// Fuzzes the decoders of native/v8/position_table.h: random bytes must give an
// answer or nullopt and stay in bounds (the sanitizers watch), and what an
// encoder wrote must be found again at every offset.

#include "../../v8/position_table.h"

#include <algorithm>

#include "../support/position_table_builder.h"
#include "byte_source.h"

namespace hotspan::test {
namespace {

void DecodeRandomBytes(ByteSource& source) {
  const auto offset = static_cast<int32_t>(source.Bits(4));
  const auto pc = static_cast<uint32_t>(source.AnyInteger());
  const auto sizes = source.Bytes(255);
  // At times a count that the sizes do not have.
  const size_t count = source.Flip() ? sizes.size() / 3 : source.AnyInteger();
  const auto bytecodes = source.Bytes(255);
  const auto table = source.Bytes(4000);
  for (const int32_t at : {offset, 0, -1, INT32_MAX, INT32_MIN}) {
    FindSourcePosition(table, at);
    FindSourcePosition(table, at, PositionEncoding::kFlagBits);
  }
  const BytecodeSizes bytecode_sizes{sizes, count};
  for (const uint32_t at : {pc, 0u, UINT32_MAX}) {
    const auto found = FindBaselineBytecode(table, bytecodes, bytecode_sizes, at);
    if (!found) continue;
    Require(*found >= -1 && *found < static_cast<int64_t>(bytecodes.size()), "bytecode offset");
  }
  for (size_t at = 0; at <= bytecodes.size(); ++at) {
    Require(bytecode_sizes.LengthAt(bytecodes, at) <= bytecodes.size() - at, "bytecode length");
  }
}

void RoundTripPositions(ByteSource& source) {
  std::vector<PositionEntry> entries;
  int32_t offset = -1;
  while (!source.done() && entries.size() < 60) {
    offset += static_cast<int32_t>(source.Below(source.Flip() ? 4 : 100000));
    entries.push_back({offset, static_cast<int64_t>(source.AnyInteger() >> 17), source.Flip()});
  }
  const auto encoding = source.Flip() ? PositionEncoding::kFlagBits : PositionEncoding::kSign;
  const auto table = EncodePositions(entries, encoding);
  const auto check = [&](int32_t at) {
    const auto expected = SlowPosition(entries, at);
    const auto actual = FindSourcePosition(table, at, encoding);
    Require(expected.has_value() == actual.has_value(), "position found or not");
    if (!expected) return;
    const auto position = SourcePosition::Decode(*expected);
    Require(position.external == actual->external &&
                position.script_offset == actual->script_offset &&
                position.inlining_id == actual->inlining_id,
            "position");
  };
  check(-2);
  check(INT32_MAX);
  for (const auto& entry : entries) {
    for (int32_t at = entry.code_offset - 1; at <= entry.code_offset + 1; ++at) check(at);
  }
}

void RoundTripBaseline(ByteSource& source) {
  std::vector<uint8_t> operands(4 + source.Below(60));
  for (auto& count : operands) count = static_cast<uint8_t>(source.Below(6));
  const auto sizes = MakeSizes(operands);
  std::vector<uint8_t> table, bytecodes;
  std::vector<int32_t> owner(source.Below(40), -1);
  AppendVlq(table, owner.size());
  while (!source.done() && bytecodes.size() < 500 && operands.size() > 4) {
    const auto start = static_cast<int32_t>(bytecodes.size());
    const auto code = static_cast<uint8_t>(4 + source.Below(operands.size() - 4));
    const uint64_t prefix = source.Below(8);
    const size_t scale = prefix >= 4 ? 1 : prefix % 2 == 0 ? 2 : 4;
    if (prefix < 4) bytecodes.push_back(static_cast<uint8_t>(prefix));
    bytecodes.push_back(code);
    for (size_t i = 0; i < operands[code] * scale; ++i) {
      bytecodes.push_back(static_cast<uint8_t>(source.Bits(1)));
    }
    const size_t machine_length = source.Below(300);
    AppendVlq(table, machine_length);
    owner.insert(owner.end(), machine_length, start);
  }
  const BytecodeSizes bytecode_sizes{sizes, operands.size()};
  const size_t step = 1 + owner.size() / 500;
  for (size_t pc = 0; pc < owner.size(); pc += step) {
    Require(FindBaselineBytecode(table, bytecodes, bytecode_sizes, static_cast<uint32_t>(pc)) ==
                owner[pc],
            "bytecode of a pc");
  }
  Require(!FindBaselineBytecode(table, bytecodes, bytecode_sizes,
                                static_cast<uint32_t>(owner.size())),
          "pc past the end");
}

}  // namespace
}  // namespace hotspan::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hotspan::test;
  ByteSource source(data, size);
  switch (source.Below(3)) {
    case 0: DecodeRandomBytes(source); break;
    case 1: RoundTripPositions(source); break;
    case 2: RoundTripBaseline(source); break;
  }
  return 0;
}
