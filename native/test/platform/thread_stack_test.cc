#include "../../platform/thread_stack.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <thread>

#include "../support/check.h"

namespace hotspan {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

// The soft limit of stacks, for the time being.
class StackLimit {
 public:
  explicit StackLimit(rlim_t bytes) {
    getrlimit(RLIMIT_STACK, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    set_ = setrlimit(RLIMIT_STACK, &limit) == 0;
  }
  ~StackLimit() { setrlimit(RLIMIT_STACK, &before_); }
  bool set() const { return set_; }

 private:
  rlimit before_{};
  bool set_ = false;
};

uint64_t Here() { return reinterpret_cast<uint64_t>(__builtin_frame_address(0)); }

TEST(CurrentThreadStack_of_the_main_thread_is_as_long_as_its_limit) {
  StackLimit limit(8 * kMiB);
  const ThreadStack stack = CurrentThreadStack();
  EXPECT(stack.low < Here() && Here() < stack.high);
  EXPECT_EQ(stack.high - stack.low, 8 * kMiB);
}

TEST(CurrentThreadStack_of_the_main_thread_ends_at_what_is_mapped_below_when_the_limit_was_raised) {
  for (uint64_t distance : {200 * kMiB, 700 * kMiB}) {
    void* const wanted = reinterpret_cast<void*>((Here() - distance) & ~uint64_t{4095});
    void* const other = mmap(wanted, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    EXPECT(other == wanted);
    for (rlim_t bytes : {rlim_t{RLIM_INFINITY}, rlim_t{1024 * kMiB}}) {
      StackLimit limit(bytes);
      if (!limit.set()) continue;  // a hard limit
      const ThreadStack stack = CurrentThreadStack();
      EXPECT(stack.low < Here() && Here() < stack.high);
      EXPECT(stack.low >= reinterpret_cast<uint64_t>(other) + 65536);
    }
    munmap(other, 65536);
  }
}

TEST(CurrentThreadStack_of_another_thread_is_where_it_runs) {
  ThreadStack stack;
  uint64_t here = 0;
  std::thread([&] {
    stack = CurrentThreadStack();
    here = Here();
  }).join();
  EXPECT(stack.low < here && here < stack.high);
}

}  // namespace
}  // namespace hotspan
