#include "../../core/sampling_pace.h"

#include <cmath>
#include <random>
#include <utility>

#include "../support/check.h"

namespace hotspan {
namespace {

constexpr uint64_t kInterval = 512 * 1024;

uint64_t g_now_ns;
uint64_t Now() { return g_now_ns; }

// A space of V8's heap as its AllocationCounter sees it.
class Space {
 public:
  Space(SamplingPace& pace, uint32_t seed) : pace_(pace), random_(seed), next_(Draw()) {}

  // Returns what the object stands for, in bytes, when it is sampled; else 0.
  double Allocate(size_t size) {
    double bytes = 0;
    if (next_ - now_ <= size) {
      const double interval = pace_.OnSample(now_ - last_, size);
      bytes = static_cast<double>(size) / -std::expm1(-static_cast<double>(size) / interval);
      last_ = now_;
      next_ = now_ + size + pace_.NextDistance(Draw());
      ++samples_;
    }
    now_ += size;
    return bytes;
  }

  uint64_t bytes() const { return now_; }
  int samples() const { return samples_; }

 private:
  size_t Draw() {
    std::uniform_real_distribution<double> uniform(1e-12, 1);
    return static_cast<size_t>(-std::log(uniform(random_)) * kInterval) + 1;
  }

  SamplingPace& pace_;
  std::mt19937 random_;
  uint64_t now_ = 0, last_ = 0, next_;
  int samples_ = 0;
};

TEST(SamplingPace_keeps_the_interval_below_full_rate) {
  g_now_ns = 1;
  SamplingPace pace(kInterval, Now);
  for (int i = 0; i < 10'000; ++i) {
    // The mean of V8's draws, at half the full rate.
    g_now_ns += kInterval * 2'000'000'000 / SamplingPace::kFullRate;
    EXPECT_EQ(pace.OnSample(kInterval, 64), double{kInterval});
    EXPECT_EQ(pace.NextDistance(1000), 1000u);
  }
  EXPECT_EQ(pace.factor(), 1u);
}

TEST(SamplingPace_bounds_the_samples_of_a_second_and_estimates_truly) {
  g_now_ns = 1;
  SamplingPace pace(kInterval, Now);
  // One allocates twelve times the full rate now and then, the other little all the time.
  Space fast(pace, 1), slow(pace, 2);
  double of_fast = 0, of_slow = 0;
  uint64_t at_full_speed_ns = 0;
  int samples_at_full_speed = 0;
  constexpr size_t kFast = 1200, kSlow = 4096;
  constexpr uint64_t kFastNs = 50, kPhaseNs = 400'000'000;
  static_assert(kFast * 1'000'000'000 / kFastNs == 12 * SamplingPace::kFullRate);
  const uint64_t end_ns = 20 * kPhaseNs;
  for (int i = 0; g_now_ns < end_ns; ++i) {
    const uint64_t in_phase_ns = g_now_ns % kPhaseNs;
    const bool bursting = g_now_ns / kPhaseNs % 2 == 0;
    const uint64_t step_ns = bursting ? kFastNs : 24 * kFastNs;
    g_now_ns += step_ns;
    const int before = fast.samples();
    of_fast += fast.Allocate(kFast);
    if (i % 200 == 0) of_slow += slow.Allocate(kSlow);
    if (bursting && in_phase_ns > 2 * SamplingPace::kWindowNs) {
      at_full_speed_ns += step_ns;
      samples_at_full_speed += fast.samples() - before;
    }
  }
  const double a_second = samples_at_full_speed * 1e9 / static_cast<double>(at_full_speed_ns);
  EXPECT(a_second < 1.1 * static_cast<double>(SamplingPace::kFullRate) / kInterval);
  // Five standard errors, were all samples taken at the longest interval used.
  const auto within = [](double estimate, uint64_t bytes) {
    const double error = std::sqrt(16.0 * kInterval / static_cast<double>(bytes));
    return std::abs(estimate / static_cast<double>(bytes) - 1) < 5 * error;
  };
  EXPECT(within(of_fast, fast.bytes()));
  EXPECT(within(of_slow, slow.bytes()));
}

// At one and a half times the full rate, from one sample to the next.
constexpr uint64_t kFastSampleNs = kInterval * 666'666'666 / SamplingPace::kFullRate;

void AllocateFast(SamplingPace& pace, int samples, size_t* since) {
  for (int i = 0; i < samples; ++i) {
    g_now_ns += kFastSampleNs * pace.factor();
    pace.OnSample(*since, 64);
    *since = 64 + pace.NextDistance(1000);
  }
}

TEST(SamplingPace_leaves_a_burst_alone) {
  g_now_ns = 1;
  SamplingPace pace(kInterval, Now);
  size_t since = 0;
  const int in_a_window = static_cast<int>(SamplingPace::kWindowNs / kFastSampleNs);
  AllocateFast(pace, in_a_window / 2, &since);
  EXPECT_EQ(pace.factor(), 1u);
  g_now_ns += SamplingPace::kWindowNs;
  AllocateFast(pace, in_a_window / 2, &since);
  EXPECT_EQ(pace.factor(), 1u);
  AllocateFast(pace, 2 * in_a_window, &since);
  EXPECT_EQ(pace.factor(), 2u);
  g_now_ns += 10 * SamplingPace::kWindowNs;
  AllocateFast(pace, 8, &since);
  EXPECT_EQ(pace.factor(), 1u);
}

TEST(SamplingPace_tells_spaces_apart_by_their_distances) {
  g_now_ns = 1;
  SamplingPace pace(kInterval, Now);
  pace.OnSample(0, 64);
  const size_t slow = pace.NextDistance(700'000);  // drawn while nothing was fast
  size_t fast = 0;
  AllocateFast(pace, 5000, &fast);
  EXPECT_EQ(pace.factor(), 2u);
  EXPECT_EQ(pace.OnSample(64 + slow - 8, 16), double{kInterval});
  pace.NextDistance(1000);
  EXPECT_EQ(pace.OnSample(fast, 64), 2.0 * kInterval);
}

TEST(SamplingPace_knows_large_objects_to_be_of_another_space) {
  g_now_ns = 1;
  SamplingPace pace(kInterval, Now);
  constexpr size_t kLarge = 1024 * 1024;
  pace.OnSample(0, kLarge);
  const size_t large = pace.NextDistance(700'000);
  size_t fast = 0;
  AllocateFast(pace, 5000, &fast);
  pace.OnSample(fast, 64);
  pace.NextDistance((kLarge + large) / 2);  // as long as the other
  EXPECT_EQ(pace.OnSample(kLarge + large - 8, kLarge), double{kInterval});
}

TEST(SamplingPace_scales_the_first_sample_of_a_space_as_V8_drew_it) {
  g_now_ns = 1;
  SamplingPace pace(kInterval, Now);
  size_t fast = 0;
  AllocateFast(pace, 5000, &fast);
  EXPECT_EQ(pace.factor(), 2u);
  EXPECT_EQ(pace.OnSample(123'456'789, 64), double{kInterval});
}

TEST(SamplingPace_notices_the_end_of_a_burst_at_the_next_sample) {
  g_now_ns = 1;
  SamplingPace pace(kInterval, Now);
  size_t since = 0;
  AllocateFast(pace, 5000, &since);
  EXPECT_EQ(pace.factor(), 2u);
  g_now_ns += 10 * SamplingPace::kWindowNs;
  AllocateFast(pace, 1, &since);
  EXPECT_EQ(pace.factor(), 1u);
}

// No speed makes it draw what V8 cannot count.
TEST(SamplingPace_does_not_lengthen_what_is_long) {
  for (const auto& [interval, factor] : {std::pair{kInterval, 128u}, {uint64_t{40} << 20, 1u}, {uint64_t{1} << 30, 1u}}) {
    g_now_ns = 1;
    SamplingPace pace(interval, Now);
    for (int i = 0; i < 200'000; ++i) {
      g_now_ns += 1000;
      pace.OnSample(interval, 64);
      EXPECT(pace.NextDistance(INT32_MAX) == INT32_MAX);
    }
    EXPECT_EQ(pace.factor(), factor);
  }
}

}  // namespace
}  // namespace hotspan
