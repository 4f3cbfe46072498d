#include "../../v8/position_table.h"

#include <random>

#include "../support/check.h"
#include "../support/position_table_builder.h"

namespace hotspan {
namespace {

using test::AppendVlq;
using test::PositionEntry;
using Bytes = std::vector<uint8_t>;

constexpr uint64_t Pack(uint64_t script_offset, uint64_t inlining_id_plus_1 = 0) {
  return (script_offset + 1) << 1 | inlining_id_plus_1 << 31;
}

TEST(SourcePosition_unpacks_its_fields) {
  auto position = SourcePosition::Decode(Pack(41));
  EXPECT(!position.external);
  EXPECT_EQ(position.script_offset, 41);
  EXPECT_EQ(position.inlining_id, -1);
  position = SourcePosition::Decode(Pack(0x3ffffffe, 3) | 1);
  EXPECT(position.external);
  EXPECT_EQ(position.script_offset, 0x3ffffffe);
  EXPECT_EQ(position.inlining_id, 2);
  position = SourcePosition::Decode(0);
  EXPECT_EQ(position.script_offset, -1);
  EXPECT_EQ(SourcePosition::Decode(UINT64_MAX).inlining_id, 0xfffe);
}

// Written out by hand: (offset 0, statement, script offset 2), (offset 5,
// expression, script offset 9).
TEST(FindSourcePosition_reads_known_bytes) {
  const Bytes table = {0x02, 0x0c, 0x0b, 0x1c};
  EXPECT(!FindSourcePosition(table, -1));
  EXPECT_EQ(FindSourcePosition(table, 0)->script_offset, 2);
  EXPECT_EQ(FindSourcePosition(table, 4)->script_offset, 2);
  EXPECT_EQ(FindSourcePosition(table, 5)->script_offset, 9);
  EXPECT_EQ(FindSourcePosition(table, INT32_MAX)->script_offset, 9);
}

TEST(FindPositionEntry_says_where_the_entry_begins_and_whether_more_follow) {
  const Bytes table = {0x02, 0x0c, 0x0b, 0x1c};
  const auto first = FindPositionEntry(table, 4);
  EXPECT(first && first->code_offset == 0 && !first->is_last && first->position.script_offset == 2);
  const auto last = FindPositionEntry(table, 99);
  EXPECT(last && last->code_offset == 5 && last->is_last && last->position.script_offset == 9);
}

// As V8 14.6 wrote it for a function of seven entries, beside the positions its
// --print-bytecode names: offset 9 is the call at script offset 168.
TEST(FindSourcePosition_reads_the_encoding_with_flag_bits) {
  const Bytes table = {0x02, 0xfc, 0x03, 0x07, 0x6c, 0x17, 0x3c, 0x12, 0x00, 0x13,
                       0x7c, 0x16, 0x87, 0x01, 0x13, 0xf0, 0x01, 0x13, 0x08};
  const auto at = [&](int32_t offset) {
    return FindSourcePosition(table, offset, PositionEncoding::kFlagBits)->script_offset;
  };
  EXPECT_EQ(at(-1), 126);
  EXPECT_EQ(at(0), 153);
  EXPECT_EQ(at(5), 168);
  EXPECT_EQ(at(9), 168);
  EXPECT_EQ(at(13), 199);
  EXPECT_EQ(at(18), 165);
  EXPECT_EQ(at(22), 225);
  EXPECT_EQ(at(26), 227);
}

TEST(FindSourcePosition_finds_the_function_entry) {
  const auto table = test::EncodePositions(
      {{-1, static_cast<int64_t>(Pack(7)), false}, {0, static_cast<int64_t>(Pack(3)), true}});
  EXPECT_EQ(FindSourcePosition(table, -1)->script_offset, 7);
  EXPECT_EQ(FindSourcePosition(table, 0)->script_offset, 3);
  EXPECT(!FindSourcePosition(table, -2));
}

TEST(FindSourcePosition_refuses_malformed_tables) {
  EXPECT(!FindSourcePosition({}, 0));
  for (const Bytes& table :
       {Bytes{0x80}, Bytes{0x02}, Bytes{0x02, 0x80}, Bytes{0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0},
        Bytes{0xff, 0xff, 0xff, 0xff, 0x1f, 0x02},  // 33 bits of code offset
        Bytes{0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}}) {
    EXPECT(!FindSourcePosition(table, INT32_MAX));
  }
}

TEST(FindSourcePosition_agrees_with_a_slow_lookup) {
  std::mt19937_64 random(6);
  size_t wrong = 0, found = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<PositionEntry> entries;
    int32_t offset = -1;
    for (size_t i = random() % 40; i > 0; --i) {
      offset += static_cast<int32_t>(random() % (round % 3 == 0 ? 1000000 : 7));
      entries.push_back({offset, static_cast<int64_t>(random() >> (17 + random() % 40)),
                         random() % 2 == 0});
    }
    const auto table = test::EncodePositions(entries);
    for (int probe = 0; probe < 60; ++probe) {
      const auto at = static_cast<int32_t>(random() % (static_cast<uint64_t>(offset) + 6)) - 3;
      const auto expected = test::SlowPosition(entries, at);
      const auto actual = FindSourcePosition(table, at);
      wrong += expected.has_value() != actual.has_value();
      if (!expected || !actual) continue;
      ++found;
      const auto position = SourcePosition::Decode(*expected);
      wrong += position.script_offset != actual->script_offset ||
               position.inlining_id != actual->inlining_id ||
               position.external != actual->external;
    }
  }
  EXPECT_EQ(wrong, 0u);
  EXPECT(found > 1000);
}

// Bytecodes 4 and 5 have no operand and one of a byte, 6 two.
const Bytes kSizes = test::MakeSizes({0, 0, 0, 0, 0, 1, 2});
const BytecodeSizes kBytecodeSizes{kSizes, 7};

TEST(BytecodeSizes_counts_prefixes) {
  const auto length = [](Bytes code) {
    code.resize(20);
    return kBytecodeSizes.LengthAt(code, 0);
  };
  EXPECT_EQ(length({4}), 1u);
  EXPECT_EQ(length({5, 1}), 2u);
  EXPECT_EQ(length({0, 6}), 6u);   // Wide: 1 + 1 + 2 * 2
  EXPECT_EQ(length({1, 6}), 10u);  // ExtraWide: 1 + 1 + 2 * 4
  EXPECT_EQ(length({2, 5}), 4u);   // DebugBreakWide
  EXPECT_EQ(length({3, 5}), 6u);   // DebugBreakExtraWide
  EXPECT_EQ(length({7}), 0u);      // not known
  EXPECT_EQ(length({0, 7}), 0u);
  EXPECT_EQ(length({0, 1}), 0u);   // a prefix of a prefix
}

TEST(BytecodeSizes_stays_in_bounds) {
  EXPECT_EQ(kBytecodeSizes.LengthAt({}, 0), 0u);
  EXPECT_EQ(kBytecodeSizes.LengthAt(Bytes{4}, 1), 0u);
  EXPECT_EQ(kBytecodeSizes.LengthAt(Bytes{4}, SIZE_MAX), 0u);
  EXPECT_EQ(kBytecodeSizes.LengthAt(Bytes{0}, 0), 0u);
  EXPECT_EQ(kBytecodeSizes.LengthAt(Bytes{6, 1}, 0), 0u);
  EXPECT_EQ(kBytecodeSizes.LengthAt(Bytes{6, 1, 2}, 0), 3u);
  EXPECT_EQ((BytecodeSizes{kSizes, 8}.LengthAt(Bytes{4}, 0)), 0u);
  EXPECT_EQ((BytecodeSizes{kSizes, SIZE_MAX}.LengthAt(Bytes{4}, 0)), 0u);
}

TEST(FindBaselineBytecode_walks_both_tables) {
  const Bytes bytecodes = {5, 9, 0, 6, 1, 1, 1, 1, 4};  // at 0, 2 and 8
  Bytes table;
  for (const uint64_t length : {10, 200, 0, 3}) AppendVlq(table, length);
  const auto find = [&](uint32_t pc) {
    return FindBaselineBytecode(table, bytecodes, kBytecodeSizes, pc);
  };
  EXPECT_EQ(find(0).value(), -1);
  EXPECT_EQ(find(9).value(), -1);
  EXPECT_EQ(find(10).value(), 0);
  EXPECT_EQ(find(209).value(), 0);
  EXPECT_EQ(find(210).value(), 8);  // the one at 2 has no code
  EXPECT_EQ(find(212).value(), 8);
  EXPECT(!find(213));
  EXPECT(!find(UINT32_MAX));
}

TEST(FindBaselineBytecode_refuses_malformed_tables) {
  const auto find = [&](const Bytes& table, const Bytes& bytecodes, uint32_t pc) {
    return FindBaselineBytecode(table, bytecodes, kBytecodeSizes, pc);
  };
  EXPECT(!find({}, {4}, 0));
  EXPECT(!find({0x80}, {4}, 0));
  EXPECT(!find({1, 0x80}, {4}, 1));
  EXPECT(!find({1, 1, 1}, {4}, 2));     // more lengths than bytecodes
  EXPECT(!find({1, 1}, {7}, 1));        // unknown bytecode
  EXPECT(!find({0xff, 0xff, 0xff, 0xff, 0x7f}, {4}, 0));
  EXPECT_EQ(find({1, 1}, {7}, 0).value(), -1);
}

TEST(FindBaselineBytecode_agrees_with_a_slow_lookup) {
  std::mt19937_64 random(7);
  size_t wrong = 0, probes = 0;
  for (int round = 0; round < 200; ++round) {
    Bytes table, bytecodes;
    std::vector<int32_t> owner(random() % 20, -1);  // of each byte of machine code
    AppendVlq(table, owner.size());
    for (size_t i = random() % 30; i > 0; --i) {
      const auto start = static_cast<int32_t>(bytecodes.size());
      const uint8_t code = static_cast<uint8_t>(4 + random() % 3);
      const int scale = 1 << random() % 3;
      if (scale > 1) bytecodes.push_back(static_cast<uint8_t>(scale / 4 + (random() % 2) * 2));
      bytecodes.push_back(code);
      bytecodes.insert(bytecodes.end(), (code - 4) * scale, 0xaa);
      const size_t machine_length = random() % 200;
      AppendVlq(table, machine_length);
      owner.insert(owner.end(), machine_length, start);
    }
    for (uint32_t pc = 0; pc < owner.size() + 3; ++pc, ++probes) {
      const auto found = FindBaselineBytecode(table, bytecodes, kBytecodeSizes, pc);
      wrong += pc < owner.size() ? found != owner[pc] : found.has_value();
    }
  }
  EXPECT_EQ(wrong, 0u);
  EXPECT(probes > 10000);
}

}  // namespace
}  // namespace hotspan
