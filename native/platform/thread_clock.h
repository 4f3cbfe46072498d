#pragma once

#include <time.h>

#include <cstdint>

namespace hotspan {

// clock_gettime is async-signal-safe (POSIX.1-2008), so these may run in the
// handler. The thread clock is a system call of about 0.2 us, the monotonic
// one a vDSO read.
inline uint64_t ReadClockNs_signal(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}
inline uint64_t MonotonicNs_signal() { return ReadClockNs_signal(CLOCK_MONOTONIC); }
// CPU time the calling thread has used.
inline uint64_t ThreadCpuNs_signal() { return ReadClockNs_signal(CLOCK_THREAD_CPUTIME_ID); }

inline uint64_t WallClockUnixNs() { return ReadClockNs_signal(CLOCK_REALTIME); }

}  // namespace hotspan
