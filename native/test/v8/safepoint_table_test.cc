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
                       0x20, 0x00, 0x05, 0xfc, 0x02, 0x00, 0x7b, 0x00, 0x06, 0x00, 0x03, 0x00,
                       0x14, 0x01, 0x07, 0x04, 0x03, 0x00};
  EXPECT_EQ(FindDeoptIndex(table, 16, 0x7b).value(), 5);
  EXPECT_EQ(FindDeoptIndex(table, 16, 0x114).value(), 6);
  EXPECT(!FindDeoptIndex(table, 16, 0x7c));
}

TEST(FindDeoptIndex_finds_every_entry_of_every_shape) {
  for (const SafepointShape& shape : {SafepointShape{12, 1, 1, 0}, SafepointShape{12, 2, 1, 0},
                                      SafepointShape{16, 2, 2, 1}, SafepointShape{16, 4, 3, 2}}) {
    const auto table =
        test::EncodeSafepoints({{10, 0}, {20, -1}, {30, 7}, {250, 100}}, shape);
    EXPECT_EQ(FindDeoptIndex(table, shape.header_bytes, 10).value(), 0);
    EXPECT(!FindDeoptIndex(table, shape.header_bytes, 20));  // no deoptimization entry
    EXPECT_EQ(FindDeoptIndex(table, shape.header_bytes, 30).value(), 7);
    EXPECT_EQ(FindDeoptIndex(table, shape.header_bytes, 250).value(), 100);
    EXPECT(!FindDeoptIndex(table, shape.header_bytes, 251));
  }
}

TEST(FindDeoptIndex_refuses_what_is_no_table) {
  EXPECT(!FindDeoptIndex({}, 16, 1));
  EXPECT_EQ(SafepointTableBytes({}, 16), 0u);
  auto table = test::EncodeSafepoints({{10, 0}, {20, 1}}, {});
  table.pop_back();
  EXPECT(!FindDeoptIndex(table, 12, 10));  // cut short
  const Bytes endless = {9, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xa3, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(SafepointTableBytes(endless, 16), 0u);
  EXPECT(!FindDeoptIndex(endless, 16, 1));
}

}  // namespace
}  // namespace hotspan
