#pragma once

#include <time.h>

#include <cstdint>

namespace hotspan {

// The calling thread's stack: [low, high). low may lie in pages that are not
// mapped yet (the main thread's stack grows). Zeros when the OS does not tell.
struct ThreadStack {
  uint64_t low = 0, high = 0;
};
ThreadStack CurrentThreadStack();

// The OS's id of the calling thread.
int CurrentThreadId();

// The clock of the CPU time of the calling thread, for other threads to read;
// exact also while it runs.
clockid_t CurrentThreadCpuClock();

}  // namespace hotspan
