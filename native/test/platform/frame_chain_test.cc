#include "../../platform/frame_chain_signal.h"

#include <array>
#include <cstdint>
#include <limits>

#include "../support/check.h"

namespace hotspan {
namespace {

TEST(IsFrame_proves_that_both_words_of_the_frame_lie_within_the_stack) {
  constexpr uint64_t kLow = 0x7f0000001000, kHigh = 0x7f0000002000;
  constexpr uint64_t kEdges[] = {0, kLow, kHigh, uint64_t{1} << 63, std::numeric_limits<uint64_t>::max()};
  for (uint64_t edge : kEdges) {
    for (uint64_t distance = 0; distance <= 64; ++distance) {
      for (uint64_t fp : {edge + distance, edge - distance}) {
        // In 128 bits nothing passes zero.
        const bool inside = fp >= kLow && static_cast<unsigned __int128>(fp) + 16 <= kHigh && fp % 8 == 0;
        EXPECT_EQ(IsFrame_signal(fp, kLow, kHigh), inside);
      }
    }
  }
}

TEST(FindFrame_takes_no_pair_whose_frame_pointer_is_none) {
  constexpr uint64_t kPc = 0x401000;
  auto is_code = [](uint64_t address) { return address == kPc; };
  // Small negative numbers, as C leaves them in the register, with a return address above.
  std::array<uint64_t, 10> stack{~uint64_t{7}, kPc, ~uint64_t{15}, kPc, 8, kPc};
  const uint64_t sp = reinterpret_cast<uint64_t>(stack.data());
  const uint64_t high = sp + sizeof stack;
  EXPECT_EQ(FindFrame_signal(sp, high, is_code), uint64_t{0});
  stack[6] = sp + 8 * 8;
  stack[7] = kPc;
  EXPECT_EQ(FindFrame_signal(sp, high, is_code), sp + 6 * 8);
}

}  // namespace
}  // namespace hotspan
