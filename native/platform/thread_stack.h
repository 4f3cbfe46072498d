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

// Where the calling thread's stack ends, for a thread nobody knows: glibc puts
// the thread's own descriptor right above its stack. 0 when `sp` is not in that
// stack, as on the main thread and on stacks that a program switches to. Inside
// the signal handler.
uint64_t StackTopAbove_signal(uint64_t sp);

// The OS's id of the calling thread. Async-signal-safe.
int CurrentThreadId();

// The clock of the CPU time of the calling thread, for other threads to read;
// exact also while it runs.
clockid_t CurrentThreadCpuClock();

}  // namespace hotspan
