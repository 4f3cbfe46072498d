#include "../../core/histogram.h"

#include <algorithm>
#include <random>
#include <thread>
#include <vector>

#include "../support/check.h"

namespace hotspan {
namespace {

TEST(Histogram_empty_is_all_zero) {
  const auto summary = Histogram().Summarize();
  EXPECT_EQ(summary.count + summary.sum_ns + summary.p50_ns + summary.p99_ns + summary.max_ns, 0u);
}

TEST(Histogram_single_value_is_exact) {
  for (const uint64_t ns : {uint64_t{0}, uint64_t{15}, uint64_t{16}, uint64_t{31}, uint64_t{32},
                            uint64_t{1000003}, uint64_t{1} << 39, uint64_t{1} << 40, UINT64_MAX}) {
    Histogram histogram;
    histogram.Record_signal(ns);
    const auto summary = histogram.Summarize();
    EXPECT_EQ(summary.count, 1u);
    EXPECT_EQ(summary.sum_ns, ns);
    EXPECT_EQ(summary.p50_ns, ns);
    EXPECT_EQ(summary.p99_ns, ns);
    EXPECT_EQ(summary.max_ns, ns);
  }
}

// The oracle sorts; the histogram may be up to one bucket (1/16) above it.
TEST(Histogram_percentiles_are_within_a_bucket) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 50; ++round) {
    Histogram histogram;
    std::vector<uint64_t> values;
    for (int i = 0; i < 1 + round * 20; ++i) {
      values.push_back(random() >> (24 + random() % 40));
      histogram.Record_signal(values.back());
    }
    std::sort(values.begin(), values.end());
    const auto summary = histogram.Summarize();
    const auto exact = [&](size_t percent) {
      return values[(values.size() * percent + 99) / 100 - 1];
    };
    EXPECT(summary.p50_ns >= exact(50) && summary.p50_ns <= exact(50) + exact(50) / 16);
    EXPECT(summary.p99_ns >= exact(99) && summary.p99_ns <= exact(99) + exact(99) / 16);
    EXPECT_EQ(summary.max_ns, values.back());
    EXPECT_EQ(summary.count, values.size());
  }
}

TEST(Histogram_Concurrent_records_are_all_counted) {
  Histogram histogram;
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&histogram, t] {
      for (uint64_t i = 0; i < 20000; ++i) histogram.Record_signal(i * 3 + t);
    });
  }
  uint64_t above_max = 0;
  for (int i = 0; i < 20; ++i) {
    const auto summary = histogram.Summarize();
    above_max += summary.p99_ns > summary.max_ns;
  }
  for (auto& thread : threads) thread.join();
  const auto summary = histogram.Summarize();
  EXPECT_EQ(above_max, 0u);
  EXPECT_EQ(summary.count, 60000u);
  EXPECT_EQ(summary.sum_ns, uint64_t{60000} * 59999 / 2);
  EXPECT_EQ(summary.max_ns, 59999u);
}

}  // namespace
}  // namespace hotspan
