#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace hotspan {

// How far apart the samples of allocations are. What sampling costs grows with the
// number of samples, and that with the speed of allocating, which knows no bound: a
// loop can allocate 12 GB a second, 25,000 samples at 512 KiB. Hence when it was above
// kFullRate for a while, the interval asked for is doubled until the samples are as
// many as below it. What is to stay is not allocated that fast for that long. One
// thread.
//
// Each sample is to be scaled by the interval that it was drawn with, which is the
// one of some time ago, another for each space of V8's heap: samples and distances
// come without the name of their space. But a sample tells how much was allocated in
// its space since the one before, and so which of the distances it ends.
class SamplingPace {
 public:
  static constexpr uint64_t kFullRate = 2'000'000'000;  // bytes a second
  static constexpr uint64_t kWindowNs = 50'000'000;      // to measure the speed by
  // Beyond it, samples are few at any speed.
  static constexpr uint64_t kMaxInterval = 64 * 1024 * 1024;

  using Clock = uint64_t (*)();  // ns, monotonic
  SamplingPace(uint64_t interval_bytes, Clock clock)
      : interval_(interval_bytes), clock_(clock), window_start_ns_(clock()) {}

  // An object of `size` bytes was sampled, `since` bytes after the sample before in
  // the same space. Returns the interval, in bytes, that it was drawn with.
  double OnSample(size_t since, size_t size);
  // From here to the space's next sample; `drawn`: a distance in the mean as long as
  // the interval asked for. REQUIRES: OnSample() was called for this space just now.
  size_t NextDistance(size_t drawn);

  uint32_t factor() const { return factor_; }

 private:
  // V8 has fewer spaces that are sampled.
  static constexpr size_t kSpaces = 16;
  struct Drawn {
    size_t distance = 0;   // from sample to sample, the first one's object included
    uint32_t factor = 0;   // 0: none
    bool is_large = false;  // of a space for large objects, one to a page
    uint32_t at_sample = 0;
  };

  void MeasureSpeed();
  Drawn& LeastRecent();

  uint64_t interval_;
  Clock clock_;
  uint64_t window_start_ns_;
  double window_bytes_ = 0;
  uint32_t samples_ = 0;
  uint32_t factor_ = 1;
  size_t last_size_ = 0;
  Drawn* ended_ = nullptr;  // the distance that the last sample ended
  std::array<Drawn, kSpaces> drawn_{};
  size_t first_samples_ = 0;  // whose distance was drawn before there was a pace
};

}  // namespace hotspan
