#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hotspan {

// Durations in nanoseconds, in log-linear buckets (16 a power of two: under 7%
// error) up to about 18 minutes; the last bucket holds all that is longer.
// Record_signal is async-signal-safe and may run on several threads; readers
// see a value that is at most one record old.
class Histogram {
 public:
  void Record_signal(uint64_t ns);

  struct Summary {
    uint64_t count = 0, sum_ns = 0, p50_ns = 0, p99_ns = 0, max_ns = 0;
  };
  Summary Summarize() const;

 private:
  static constexpr int kSubBits = 4;
  static constexpr size_t kBuckets = (40 - kSubBits + 1) << kSubBits;
  static size_t BucketOf(uint64_t ns);
  static uint64_t UpperBound(size_t bucket);

  std::array<std::atomic<uint32_t>, kBuckets> buckets_{};
  std::atomic<uint64_t> sum_{0};
  std::atomic<uint64_t> max_{0};
};

}  // namespace hotspan
