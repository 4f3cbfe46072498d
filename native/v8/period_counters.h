#pragma once

#include <cstdint>

namespace hotspan {

// What was lost or cut while a profile was taken, and the time it left out.
struct PeriodCounters {
  uint64_t samples = 0;
  uint64_t ring_full = 0;
  uint64_t unresolved_frames = 0;
  uint64_t truncated_stacks = 0;
  uint64_t idle_ns = 0;
  // CPU time of threads with JavaScript that did not answer the signal.
  uint64_t unanswered_ns = 0;

  PeriodCounters& operator+=(const PeriodCounters& more) {
    samples += more.samples;
    ring_full += more.ring_full;
    unresolved_frames += more.unresolved_frames;
    truncated_stacks += more.truncated_stacks;
    idle_ns += more.idle_ns;
    unanswered_ns += more.unanswered_ns;
    return *this;
  }
  PeriodCounters operator-(const PeriodCounters& earlier) const {
    return {samples - earlier.samples, ring_full - earlier.ring_full,
            unresolved_frames - earlier.unresolved_frames,
            truncated_stacks - earlier.truncated_stacks, idle_ns - earlier.idle_ns,
            unanswered_ns - earlier.unanswered_ns};
  }
};

}  // namespace hotspan
