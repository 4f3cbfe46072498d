#include "sampling_pace.h"

#include <algorithm>

namespace hotspan {
namespace {

// Of objects in V8's heap.
constexpr size_t Aligned(size_t size) { return (size + 7) / 8 * 8; }

// Larger objects have spaces of their own (kMaxRegularHeapObjectSize).
constexpr size_t kMaxRegularObject = 128 * 1024;

// Looking at the clock costs a twentieth of a sample.
constexpr uint32_t kSamplesPerLook = 8;

// V8 counts the bytes between two samples in 31 bits.
constexpr size_t kMaxDistance = 1u << 30;

}  // namespace

double SamplingPace::OnSample(size_t since, size_t size) {
  window_bytes_ += static_cast<double>(interval_) * factor_;
  // While samples are few, each may be the first after a burst.
  if (++samples_ % kSamplesPerLook == 0 || factor_ > 1) MeasureSpeed();
  last_size_ = Aligned(size);
  ended_ = nullptr;
  for (Drawn& drawn : drawn_) {
    if (drawn.factor == 0 || drawn.is_large != (last_size_ > kMaxRegularObject)) continue;
    if (drawn.distance < since || drawn.distance - since > last_size_) continue;
    ended_ = &drawn;
    break;
  }
  // V8 draws once for each space when its sampler starts.
  uint32_t factor = factor_;
  if (ended_ != nullptr) {
    factor = ended_->factor;
  } else if (first_samples_ < kSpaces) {
    factor = 1;
    ++first_samples_;
  }
  return static_cast<double>(interval_) * factor;
}

size_t SamplingPace::NextDistance(size_t drawn) {
  const size_t distance = std::max(drawn, std::min(kMaxDistance, drawn * factor_));
  Drawn& entry = ended_ != nullptr ? *ended_ : LeastRecent();
  entry = {last_size_ + distance, factor_, last_size_ > kMaxRegularObject, samples_};
  ended_ = nullptr;
  return distance;
}

SamplingPace::Drawn& SamplingPace::LeastRecent() {
  const auto age = [&](const Drawn& drawn) { return drawn.factor == 0 ? UINT32_MAX : samples_ - drawn.at_sample; };
  return *std::max_element(drawn_.begin(), drawn_.end(),
                           [&](const Drawn& a, const Drawn& b) { return age(a) < age(b); });
}

void SamplingPace::MeasureSpeed() {
  const uint64_t now = clock_(), elapsed_ns = now - window_start_ns_;
  if (elapsed_ns < kWindowNs) return;
  const double rate = window_bytes_ * 1e9 / static_cast<double>(elapsed_ns);
  factor_ = 1;
  while (2 * factor_ * interval_ <= kMaxInterval && rate > static_cast<double>(kFullRate) * factor_) factor_ *= 2;
  window_start_ns_ = now;
  window_bytes_ = 0;
}

}  // namespace hotspan
