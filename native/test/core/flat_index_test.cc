#include "../../core/flat_index.h"

#include <random>
#include <unordered_map>

#include "../support/check.h"

namespace hotspan {
namespace {

TEST(FlatIndex_agrees_with_a_map) {
  std::mt19937_64 random(1);
  for (const uint64_t hash_mask : {~uint64_t{0}, uint64_t{0xff}, uint64_t{0}}) {
    FlatIndex index(4);
    std::vector<uint64_t> elements;
    std::unordered_map<uint64_t, uint32_t> oracle;
    size_t wrong = 0;
    for (int i = 0; i < 3000; ++i) {
      const uint64_t element = random() % 1500;
      const uint64_t hash = MixBits(element) & hash_mask;  // 0: every probe collides
      const uint32_t found = index.Find(hash, [&](uint32_t at) { return elements[at] == element; });
      const auto known = oracle.find(element);
      wrong += found != (known == oracle.end() ? FlatIndex::kAbsent : known->second);
      if (known == oracle.end()) {
        oracle[element] = static_cast<uint32_t>(elements.size());
        index.Insert(hash, static_cast<uint32_t>(elements.size()));
        elements.push_back(element);
      }
    }
    EXPECT_EQ(wrong, 0u);
    EXPECT(elements.size() > 1000);
  }
}

TEST(FlatIndex_doubles_at_three_quarters) {
  FlatIndex index(8);
  const size_t small = index.bytes_held();
  for (uint32_t i = 0; i < 6; ++i) index.Insert(MixBits(i), i);
  EXPECT_EQ(index.bytes_held(), small);
  index.Insert(MixBits(6), 6);
  EXPECT_EQ(index.bytes_held(), 2 * small);
}

}  // namespace
}  // namespace hotspan
