#pragma once

#include <cstdint>

namespace hotspan {

// Tells when a thread is parked: asleep in one call, such as Atomics.wait, tick
// after tick. Its stack is that of its last sample, so it need not be woken for
// another; the time it waits is added to that sample. Sampler thread only.
//
// A sample itself costs the thread some CPU time, so a clock that moved a little
// tells nothing by itself. Twice the same place with only a little time between:
// parked, until the clock moves again.
class ParkDetector {
 public:
  // Whether the thread still waits where it was found, by its CPU clock alone.
  bool StillParked(uint64_t cpu_ns) {
    if (parked_ && cpu_ns == cpu_ns_) return true;
    if (parked_) repeats_ = 0;
    parked_ = false;
    return false;
  }

  // Whether it is parked from now on. `asleep`: it is in a system call; `place`:
  // what its last sample said about where it is.
  bool Parks(bool asleep, uint64_t cpu_ns, uint64_t place) {
    bool again = asleep && place == place_ && cpu_ns - cpu_ns_ < kMostOfASampleNs;
    repeats_ = again ? repeats_ + 1 : 0;
    place_ = place;
    cpu_ns_ = cpu_ns;
    return parked_ = repeats_ >= kRepeats;
  }

 private:
  static constexpr uint64_t kMostOfASampleNs = 100'000;
  static constexpr int kRepeats = 2;

  bool parked_ = false;
  int repeats_ = 0;
  uint64_t place_ = 0, cpu_ns_ = 0;
};

}  // namespace hotspan
