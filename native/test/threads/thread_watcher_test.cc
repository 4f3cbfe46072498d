#include "../../threads/thread_watcher.h"

#include <pthread.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>

#include "../support/check.h"

namespace hotspan {
namespace {

using std::chrono::milliseconds;
constexpr uint64_t kPeriodNs = 1'000'000;

uint64_t OwnCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

struct Found {
  int64_t samples = 0;
  uint64_t cpu_ns = 0;
};

Found FindThread(const ProfilePart& part, std::string_view name) {
  Found found;
  for (const StackProfile::Sample& sample : part.profile->samples()) {
    for (const Label& label : part.label_sets[sample.labels]) {
      if (label.text != name) continue;
      found.samples += sample.values[0];
      found.cpu_ns += static_cast<uint64_t>(sample.values[1]);
    }
  }
  return found;
}

// What the sampler thread does for that long.
void TickFor(ThreadWatcher& watcher, milliseconds time) {
  for (const auto end = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < end;) {
    if (!watcher.IsIdle()) watcher.Sample();
    watcher.Housekeep(0, false);
    std::this_thread::sleep_for(milliseconds(1));
  }
}

}  // namespace

TEST(AThreadThatBeginsAsAnotherEndsIsFoundAtOnce) {
  std::atomic<bool> first_ends{false};
  std::thread first([&] {
    while (!first_ends.load()) std::this_thread::sleep_for(milliseconds(1));
  });
  ThreadWatcher watcher(std::make_shared<CodeTable>());
  watcher.Start(kPeriodNs, false);
  watcher.OpenSession(1);
  TickFor(watcher, milliseconds(60));

  first_ends = true;
  first.join();
  std::atomic<bool> second_ends{false};
  std::atomic<uint64_t> second_cpu_ns{0};
  std::thread second([&] {
    pthread_setname_np(pthread_self(), "second");
    while (!second_ends.load()) second_cpu_ns = OwnCpuNs();
  });
  // Less than between two scans that come in any case.
  TickFor(watcher, milliseconds(400));
  const uint64_t used_ns = second_cpu_ns;
  // Goes on, so that threads are not looked for.
  const Found found = FindThread(watcher.TakeSession(1, true), "second");
  second_ends = true;
  second.join();
  watcher.Stop();

  EXPECT(used_ns > 20'000'000);
  EXPECT(found.samples > 10);
  EXPECT(found.cpu_ns > used_ns / 2);
}

}  // namespace hotspan
