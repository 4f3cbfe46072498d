#include "../../core/stack_profile.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "../support/check.h"

namespace hotspan {
namespace {

using Stack = std::vector<LocationId>;
using Values = StackProfile::Values;

std::shared_ptr<const CodeTable> EmptyCode() { return std::make_shared<CodeTable>(); }

Stack StackOf(const StackProfile& profile, NodeId node) {
  Stack stack;
  for (; node != kRootNode; node = profile.parent(node)) stack.push_back(profile.location(node));
  return stack;
}

TEST(StackProfile_shares_callers) {
  StackProfile profile(EmptyCode());
  EXPECT_EQ(profile.node_count(), 1u);
  EXPECT(profile.Add(Stack{3, 2, 1}, 0, {1, 10}));
  EXPECT(profile.Add(Stack{4, 2, 1}, 0, {1, 20}));
  EXPECT(profile.Add(Stack{2, 1}, 0, {1, 40}));
  EXPECT_EQ(profile.node_count(), 5u);
  EXPECT_EQ(profile.samples().size(), 3u);
  EXPECT(StackOf(profile, profile.samples()[1].node) == (Stack{4, 2, 1}));
}

TEST(StackProfile_merges_with_new_labels) {
  StackProfile sum(EmptyCode()), more(EmptyCode());
  sum.Add(Stack{3, 2, 1}, 1, {1, 10});
  more.Add(Stack{3, 2, 1}, 0, {1, 5});
  more.Add(Stack{3, 2, 1}, 7, {1, 6});
  more.Add(Stack{2, 1}, 0, {1, 7});
  more.Add({}, 0, {1, 8});
  sum.Merge(more, [](LabelSetId id) { return id == 0 ? 1u : 2u; });
  std::map<std::pair<Stack, LabelSetId>, int64_t> values;
  for (const auto& sample : sum.samples()) {
    values[{StackOf(sum, sample.node), sample.labels}] = sample.values[1];
  }
  EXPECT_EQ(values.size(), 4u);
  EXPECT_EQ((values[{Stack{3, 2, 1}, 1}]), 15);
  EXPECT_EQ((values[{Stack{3, 2, 1}, 2}]), 6);
  EXPECT_EQ((values[{Stack{2, 1}, 1}]), 7);
  EXPECT_EQ((values[{Stack{}, 1}]), 8);
}

TEST(StackProfile_merging_loses_no_value) {
  StackProfile small(EmptyCode(), {.max_nodes = 3, .max_samples = 10});
  StackProfile more(EmptyCode(), {.max_nodes = 100, .max_samples = 2});
  more.Add(Stack{1}, 0, {1, 1});
  more.Add(Stack{3, 2, 1}, 0, {1, 2});
  more.Add(Stack{4}, 0, {1, 4});  // overflows there
  small.Merge(more, [](LabelSetId id) { return id; });
  int64_t sum = small.overflow_values()[1];
  for (const auto& sample : small.samples()) sum += sample.values[1];
  EXPECT_EQ(sum, 7);
  EXPECT_EQ(small.overflow_values()[1], 6);
  EXPECT_EQ(small.overflow_count(), 2u);
}

TEST(StackProfile_keeps_labels_and_empty_stacks_apart) {
  StackProfile profile(EmptyCode());
  profile.Add({}, 0, {1});
  profile.Add({}, 1, {2});
  profile.Add({}, 0, {4});
  EXPECT_EQ(profile.samples().size(), 2u);
  EXPECT_EQ(profile.samples()[0].node, kRootNode);
  EXPECT_EQ(profile.samples()[0].values[0], 5);
  EXPECT_EQ(profile.samples()[1].values[0], 2);
}

TEST(StackProfile_agrees_with_a_map) {
  std::mt19937 random(3);
  StackProfile profile(EmptyCode());
  std::map<std::pair<Stack, LabelSetId>, Values> oracle;
  for (int i = 0; i < 20000; ++i) {
    Stack stack(random() % 12);
    for (auto& location : stack) location = random() % 4;
    const LabelSetId labels = random() % 3;
    const Values values{1, static_cast<int64_t>(random() % 1000), -1, 0};
    EXPECT(profile.Add(stack, labels, values));
    auto& sums = oracle[{stack, labels}];
    for (size_t v = 0; v < kMaxValues; ++v) sums[v] += values[v];
  }
  EXPECT_EQ(profile.samples().size(), oracle.size());
  size_t wrong = 0;
  for (const auto& sample : profile.samples()) {
    wrong += oracle[{StackOf(profile, sample.node), sample.labels}] != sample.values;
  }
  EXPECT_EQ(wrong, 0u);
  for (NodeId node = 1; node < profile.node_count(); ++node) EXPECT(profile.parent(node) < node);
}

TEST(StackProfile_counts_what_overflows_its_limits) {
  std::mt19937 random(4);
  for (const auto limits : {StackProfile::Limits{20, 1000}, StackProfile::Limits{1000, 5},
                            StackProfile::Limits{0, 5}, StackProfile::Limits{20, 0}}) {
    StackProfile profile(EmptyCode(), limits);
    int64_t total = 0;
    uint64_t refused = 0;
    for (int i = 0; i < 500; ++i) {
      Stack stack(1 + random() % 6);
      for (auto& location : stack) location = random() % 4;
      refused += !profile.Add(stack, 0, {1, i});
      total += i;
    }
    int64_t kept = 0;
    for (const auto& sample : profile.samples()) kept += sample.values[1];
    EXPECT(refused > 0);
    EXPECT_EQ(profile.overflow_count(), refused);
    EXPECT_EQ(profile.overflow_values()[0], static_cast<int64_t>(refused));
    EXPECT_EQ(kept + profile.overflow_values()[1], total);
    EXPECT(profile.node_count() <= std::max<size_t>(1, limits.max_nodes));
    EXPECT(profile.samples().size() <= limits.max_samples);
  }
}

TEST(StackProfile_still_adds_to_known_stacks_when_full) {
  StackProfile profile(EmptyCode(), {.max_nodes = 3, .max_samples = 1});
  EXPECT(profile.Add(Stack{2, 1}, 0, {1}));
  EXPECT(!profile.Add(Stack{3, 1}, 0, {1}));
  EXPECT(!profile.Add(Stack{1}, 0, {1}));
  EXPECT(profile.Add(Stack{2, 1}, 0, {1}));
  EXPECT_EQ(profile.samples()[0].values[0], 2);
}

TEST(StackProfile_sums_stick_at_their_limits) {
  StackProfile profile(EmptyCode());
  for (int i = 0; i < 2; ++i) profile.Add(Stack{1}, 0, {INT64_MAX, INT64_MIN, 1, -1});
  const Values expected{INT64_MAX, INT64_MIN, 2, -2};
  EXPECT(profile.samples()[0].values == expected);
}

TEST(StackProfile_is_small_at_first_and_says_what_it_holds) {
  StackProfile profile(EmptyCode());
  profile.Add(Stack{1}, 0, {1});
  EXPECT(profile.bytes_held() < 32 * 1024);
  for (LocationId i = 0; i < 50000; ++i) profile.Add(Stack{i}, 0, {1});
  EXPECT(profile.bytes_held() > 50000 * (8 + 8));
}

}  // namespace
}  // namespace hotspan
