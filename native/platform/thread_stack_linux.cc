#include "thread_stack.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

// Top of the main thread's stack, set by the dynamic linker.
extern "C" void* __libc_stack_end;

namespace hotspan {

ThreadStack CurrentThreadStack() {
  constexpr uint64_t kLargest = uint64_t{1} << 30;
  ThreadStack when_unknown;
  if (CurrentThreadId() == getpid()) {
    // The kernel keeps at least 128 MiB below the stack's top free of mappings, and
    // 1 MiB between a stack and the next; but no more than the limit was at exec. Had
    // the process raised it since, other stacks may lie within.
    constexpr uint64_t kPage = 4096, kAlwaysFree = uint64_t{127} << 20;
    uint64_t high = (reinterpret_cast<uint64_t>(__libc_stack_end) + kPage - 1) & ~(kPage - 1);
    rlimit limit{};
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur <= kAlwaysFree) {
      return {high - limit.rlim_cur, high};
    }
    // glibc then reads /proc/self/maps line by line: to the next mapping below.
    when_unknown = {high - kAlwaysFree, high};
  }
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return when_unknown;
  void* low = nullptr;
  size_t size = 0;
  int error = pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  if (error != 0) return when_unknown;
  uint64_t start = reinterpret_cast<uint64_t>(low);
  return {start + size - std::min<uint64_t>(size, kLargest), start + size};
}

uint64_t StackTopAbove_signal(uint64_t sp) {
  // More than any stack of threads has; a stack of its own, as coroutines have,
  // lies farther away or above.
  constexpr uint64_t kLargestStack = uint64_t{64} << 20;
  // Async-signal-safe in practice: it reads the thread pointer.
  uint64_t descriptor = static_cast<uint64_t>(pthread_self());
  return sp < descriptor && descriptor - sp <= kLargestStack ? descriptor : 0;
}

clockid_t CurrentThreadCpuClock() {
  clockid_t clock = CLOCK_THREAD_CPUTIME_ID;
  pthread_getcpuclockid(pthread_self(), &clock);
  return clock;
}

int CurrentThreadId() { return static_cast<int>(syscall(SYS_gettid)); }

}  // namespace hotspan
