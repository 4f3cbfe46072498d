#include "thread_stack.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hotspan {

ThreadStack CurrentThreadStack() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
  void* low = nullptr;
  size_t size = 0;
  int error = pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  if (error != 0) return {};
  uint64_t start = reinterpret_cast<uint64_t>(low);
  return {start, start + size};
}

clockid_t CurrentThreadCpuClock() {
  clockid_t clock = CLOCK_THREAD_CPUTIME_ID;
  pthread_getcpuclockid(pthread_self(), &clock);
  return clock;
}

int CurrentThreadId() { return static_cast<int>(syscall(SYS_gettid)); }

}  // namespace hotspan
