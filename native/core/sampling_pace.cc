#include "sampling_pace.h"

#include <algorithm>

namespace hotspan {
namespace {

// Of objects in V8's heap.
constexpr size_t Aligned(size_t size) { return (size + 7) / 8 * 8; }

// Looking at the clock costs a twentieth of a sample.
constexpr uint32_t kSamplesPerLook = 8;

// V8 counts the bytes between two samples in 31 bits.
constexpr size_t kMaxDistance = 1u << 30;

}  // namespace

double SamplingPace::OnSample(size_t since, size_t size) {
  window_bytes_ += interval_ * factor_;
  if (++samples_ % kSamplesPerLook == 0) MeasureSpeed();
  last_size_ = Aligned(size);
  ended_ = nullptr;
  uint32_t factor = factor_;  // drawn before this object knew of it
  for (Drawn& drawn : drawn_) {
    if (drawn.factor == 0 || drawn.distance < since || drawn.distance - since > last_size_) continue;
    ended_ = &drawn;
    factor = drawn.factor;
    break;
  }
  return interval_ * factor;
}

size_t SamplingPace::NextDistance(size_t drawn) {
  const size_t distance = std::max(drawn, std::min(kMaxDistance, drawn * factor_));
  Drawn& entry = ended_ != nullptr ? *ended_ : drawn_[oldest_++ % kSpaces];
  entry = {last_size_ + distance, factor_};
  ended_ = nullptr;
  return distance;
}

void SamplingPace::MeasureSpeed() {
  const uint64_t now = clock_(), elapsed_ns = now - window_start_ns_;
  if (elapsed_ns < kWindowNs) return;
  const double rate = window_bytes_ * 1e9 / static_cast<double>(elapsed_ns);
  factor_ = 1;
  while (factor_ < kMaxFactor && rate > static_cast<double>(kFullRate) * factor_) factor_ *= 2;
  window_start_ns_ = now;
  window_bytes_ = 0;
}

}  // namespace hotspan
