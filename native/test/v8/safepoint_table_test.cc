#include "../../v8/safepoint_table.h"

#include "../support/check.h"
#include "../support/safepoint_table_builder.h"

namespace hotspan {
namespace {

using Bytes = std::vector<uint8_t>;
using test::SafepointShape;

// As V8 13.6 wrote it for a Maglev function; the calls return to 0x7b and 0x114.
TEST(FindDeoptIndex_reads_known_bytes) {
  const Bytes table = {0x0b, 0, 0, 0, 0x03, 0, 0, 0, 0xa3, 0, 0, 0, 0, 0, 0, 0,
                       0x20, 0x00, 0x05, 0xfc, 0x02, 0x00, 0x00,
                       0x7b, 0x00, 0x06, 0x00, 0x03, 0x00, 0x00,
                       0x14, 0x01, 0x07, 0x04, 0x03, 0x00, 0x00};
  EXPECT_EQ(FindDeoptIndex(table, kMaglevSafepoints, 0x7b).value(), 5);
  EXPECT_EQ(FindDeoptIndex(table, kMaglevSafepoints, 0x114).value(), 6);
  EXPECT(!FindDeoptIndex(table, kMaglevSafepoints, 0x7c));
}

// As V8 13.6 wrote it for a TurboFan function; the calls return to 163 and 367.
TEST(FindDeoptIndex_reads_known_bytes_of_TurboFan) {
  const Bytes table = {0x09, 0, 0, 0, 0x02, 0, 0, 0, 0xa1, 0x04, 0, 0,
                       0xa3, 0x00, 0x07, 0x78, 0x02, 0x6f, 0x01, 0x08, 0x7c, 0x02};
  EXPECT_EQ(FindDeoptIndex(table, kTurboFanSafepoints, 163).value(), 6);
  EXPECT_EQ(FindDeoptIndex(table, kTurboFanSafepoints, 367).value(), 7);
}

TEST(FindDeoptIndex_finds_every_entry_of_every_shape) {
  for (const SafepointShape& shape : {SafepointShape{kTurboFanSafepoints, 1, 1, 0}, SafepointShape{kTurboFanSafepoints, 2, 1, 0},
        SafepointShape{kMaglevSafepoints, 2, 2, 1}, SafepointShape{kMaglevSafepoints, 4, 3, 2}}) {
    const auto table =
        test::EncodeSafepoints({{10, 0}, {20, -1}, {30, 7}, {250, 100}}, shape);
    EXPECT_EQ(FindDeoptIndex(table, shape.format, 10).value(), 0);
    EXPECT(!FindDeoptIndex(table, shape.format, 20));  // no deoptimization entry
    EXPECT_EQ(FindDeoptIndex(table, shape.format, 30).value(), 7);
    EXPECT_EQ(FindDeoptIndex(table, shape.format, 250).value(), 100);
    EXPECT(!FindDeoptIndex(table, shape.format, 251));
  }
}

TEST(FindDeoptIndex_refuses_what_is_no_table) {
  EXPECT(!FindDeoptIndex({}, kMaglevSafepoints, 1));
  EXPECT_EQ(SafepointTableBytes({}, kMaglevSafepoints), 0u);
  auto table = test::EncodeSafepoints({{10, 0}, {20, 1}}, {});
  table.pop_back();
  EXPECT(!FindDeoptIndex(table, kTurboFanSafepoints, 10));  // cut short
  const Bytes endless = {9, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xa3, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(SafepointTableBytes(endless, kMaglevSafepoints), 0u);
  EXPECT(!FindDeoptIndex(endless, kMaglevSafepoints, 1));
}

}  // namespace
}  // namespace hotspan
