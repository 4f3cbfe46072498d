// Fuzzes the decoder of native/v8/safepoint_table.h: random bytes must give an
// answer or nullopt and stay in bounds, and what an encoder wrote must be found.

#include "../../v8/safepoint_table.h"

#include <map>

#include "../support/safepoint_table_builder.h"
#include "byte_source.h"

namespace hotspan::test {
namespace {

void DecodeRandomBytes(ByteSource& source) {
  const auto pc = static_cast<uint32_t>(source.AnyInteger());
  const SafepointFormat format = source.Flip() ? kTurboFanSafepoints : kMaglevSafepoints;
  const auto table = source.Bytes(2000);
  const size_t bytes = SafepointTableBytes(table, format);
  for (const uint32_t at : {pc, 0u, UINT32_MAX}) {
    const auto found = FindDeoptIndex(table, format, at);
    if (found) Require(*found >= 0 && bytes <= table.size(), "an index from a whole table");
  }
}

void RoundTrip(ByteSource& source) {
  SafepointShape shape;
  shape.format = source.Flip() ? kTurboFanSafepoints : kMaglevSafepoints;
  shape.pc_bytes = 1 + source.Below(4);
  shape.deopt_index_bytes = 1 + source.Below(3);
  shape.register_bytes = source.Below(4);
  const uint64_t most_pc = uint64_t{1} << (8 * shape.pc_bytes);
  const uint64_t most_index = (uint64_t{1} << (8 * shape.deopt_index_bytes)) - 1;
  std::map<uint32_t, int32_t> expected;
  while (!source.done() && expected.size() < 50) {
    const auto pc = static_cast<uint32_t>(source.AnyInteger() % most_pc);
    expected[pc] = static_cast<int32_t>(source.AnyInteger() % most_index) - 1;
  }
  std::vector<SafepointEntry> entries;
  for (const auto& [pc, index] : expected) entries.push_back({pc, index});
  const auto table = EncodeSafepoints(entries, shape);
  Require(SafepointTableBytes(table, shape.format) == table.size(), "size of the table");
  for (const auto& [pc, index] : expected) {
    const auto found = FindDeoptIndex(table, shape.format, pc);
    Require(found.value_or(-1) == index, "deopt index of a pc");
  }
}

}  // namespace
}  // namespace hotspan::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hotspan::test;
  ByteSource source(data, size);
  if (source.Flip()) {
    DecodeRandomBytes(source);
  } else {
    RoundTrip(source);
  }
  return 0;
}
