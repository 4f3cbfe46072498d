#include "../../platform/machine.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "../support/check.h"

namespace hotspan {
namespace {

using machine::LeafFrame;

// One byte before the interrupted instruction, then what follows from there.
LeafFrame Classify(uint8_t before, std::vector<uint8_t> from) {
  from.resize(machine::kNativeLeafBytes - 1, 0x90);
  std::array<uint8_t, machine::kNativeLeafBytes> code{before};
  std::copy(from.begin(), from.end(), code.begin() + 1);
  return machine::ClassifyNativeLeaf(code);
}

TEST(ClassifyNativeLeaf_finds_the_return_address_while_a_function_makes_its_frame) {
  EXPECT(Classify(0x90, {0x55, 0x48, 0x89, 0xe5}) == LeafFrame::kReturnAtSp);
  EXPECT(Classify(0x90, {0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5}) == LeafFrame::kReturnAtSp);
  EXPECT(Classify(0x55, {0x48, 0x89, 0xe5}) == LeafFrame::kReturnAboveSp);
}

TEST(ClassifyNativeLeaf_finds_the_return_address_when_a_function_returns) {
  EXPECT(Classify(0x5d, {0xc3}) == LeafFrame::kReturnAtSp);
}

TEST(ClassifyNativeLeaf_takes_any_other_leaf_for_complete) {
  EXPECT(Classify(0xe5, {0x48, 0x83, 0xec, 0x10}) == LeafFrame::kComplete);
  // Pushes of other registers tell nothing about where the return address is.
  EXPECT(Classify(0x90, {0x41, 0x57, 0x55, 0x48, 0x89, 0xe5}) == LeafFrame::kComplete);
  EXPECT(Classify(0x90, {0x48, 0x89, 0xe5}) == LeafFrame::kComplete);
}

}  // namespace
}  // namespace hotspan
