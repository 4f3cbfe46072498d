#include "histogram.h"

#include <algorithm>
#include <bit>

namespace hotspan {

// Values below 2^kSubBits have a bucket each; above, the kSubBits bits under
// the leading one pick the bucket within the power of two.
size_t Histogram::BucketOf(uint64_t ns) {
  constexpr uint64_t kSub = 1u << kSubBits;
  if (ns < kSub) return ns;
  const int exponent = std::bit_width(ns) - 1;
  const size_t sub = (ns >> (exponent - kSubBits)) & (kSub - 1);
  const size_t bucket = (static_cast<size_t>(exponent - kSubBits + 1) << kSubBits) + sub;
  return std::min(bucket, kBuckets - 1);
}

uint64_t Histogram::UpperBound(size_t bucket) {
  constexpr uint64_t kSub = 1u << kSubBits;
  if (bucket < kSub) return bucket;
  const uint64_t shift = (bucket >> kSubBits) - 1;
  return ((kSub + (bucket & (kSub - 1)) + 1) << shift) - 1;
}

void Histogram::Record_signal(uint64_t ns) {
  uint64_t max = max_.load(std::memory_order_relaxed);
  while (ns > max && !max_.compare_exchange_weak(max, ns, std::memory_order_relaxed)) {
  }
  sum_.fetch_add(ns, std::memory_order_relaxed);
  // Last, and release: a reader that counts this record also sees its maximum.
  buckets_[BucketOf(ns)].fetch_add(1, std::memory_order_release);
}

Histogram::Summary Histogram::Summarize() const {
  std::array<uint32_t, kBuckets> counts;
  Summary summary;
  for (size_t i = 0; i < kBuckets; ++i) {
    counts[i] = buckets_[i].load(std::memory_order_acquire);
    summary.count += counts[i];
  }
  summary.sum_ns = sum_.load(std::memory_order_relaxed);
  summary.max_ns = max_.load(std::memory_order_relaxed);
  if (summary.count == 0) return summary;

  const auto percentile = [&](uint64_t percent) {
    const uint64_t rank = (summary.count * percent + 99) / 100;
    uint64_t seen = 0;
    for (size_t i = 0; i < kBuckets; ++i) {
      seen += counts[i];
      // The last bucket has no upper bound of its own.
      if (seen >= rank && i + 1 < kBuckets) return std::min(UpperBound(i), summary.max_ns);
    }
    return summary.max_ns;
  };
  summary.p50_ns = percentile(50);
  summary.p99_ns = percentile(99);
  return summary;
}

}  // namespace hotspan
