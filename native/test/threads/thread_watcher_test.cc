#include "../../threads/thread_watcher.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string_view>
#include <string>
#include <thread>
#include <vector>

#include "../../platform/sampling_signal.h"
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

namespace {

// Uses so much CPU, then sleeps; takes or blocks signals.
class Burner {
 public:
  Burner(const char* name, bool blocks, uint64_t cpu_ns)
      : thread_([this, name, blocks, cpu_ns] {
          pthread_setname_np(pthread_self(), name);
          sigset_t all;
          sigfillset(&all);
          if (blocks) pthread_sigmask(SIG_SETMASK, &all, nullptr);
          for (uint64_t now = 0; now < cpu_ns && !ends_.load(); now = OwnCpuNs()) used_ns_ = now;
          while (!ends_.load()) std::this_thread::sleep_for(milliseconds(1));
        }) {}
  ~Burner() {
    ends_ = true;
    thread_.join();
  }
  uint64_t used_ns() const { return used_ns_.load(); }

 private:
  std::atomic<bool> ends_{false};
  std::atomic<uint64_t> used_ns_{0};
  std::thread thread_;
};

// Not by native frames: the code of these threads is in the same file as the
// watcher's, hence `(hotspan)`.
int64_t StacksOf(const ProfilePart& part, CodeTable& code, std::string_view name) {
  const uint32_t not_sampled = code.SyntheticLocation("(not sampled)");
  int64_t count = 0;
  for (const StackProfile::Sample& sample : part.profile->samples()) {
    const bool has_stack = part.profile->location(sample.node) != not_sampled;
    for (const Label& label : part.label_sets[sample.labels]) {
      if (label.text == name && has_stack) count += sample.values[0];
    }
  }
  return count;
}

}  // namespace

TEST(AThreadThatBlocksSignalsIsCountedInEachPeriod) {
  std::string why;
  EXPECT(SamplingSignal::Install(TakeThreadSample_signal, &why));
  auto code = std::make_shared<CodeTable>();
  ThreadWatcher watcher(code);
  watcher.Start(kPeriodNs, true);
  watcher.OpenSession(1);
  Burner blocks("blocks", true, UINT64_MAX);
  uint64_t before_ns = 0;
  for (int period = 0; period < 3; ++period) {
    TickFor(watcher, milliseconds(1300));
    const uint64_t used_ns = blocks.used_ns() - before_ns;
    before_ns += used_ns;
    const ProfilePart part = watcher.TakeSession(1, true);
    EXPECT(used_ns > 20'000'000);
    EXPECT(FindThread(part, "blocks").cpu_ns > used_ns / 2);
    EXPECT_EQ(StacksOf(part, *code, "blocks"), int64_t{0});
  }
  watcher.Stop();
  SamplingSignal::Uninstall();
}

TEST(AsManyThreadsThatBlockSignalsAsThereAreSlotsLeaveThemToOthers) {
  std::string why;
  EXPECT(SamplingSignal::Install(TakeThreadSample_signal, &why));
  auto code = std::make_shared<CodeTable>();
  ThreadWatcher watcher(code);
  watcher.Start(kPeriodNs, true);
  std::vector<std::unique_ptr<Burner>> deaf;
  for (int i = 0; i < 70; ++i) deaf.push_back(std::make_unique<Burner>("blocks", true, 5'000'000));
  TickFor(watcher, milliseconds(1600));
  watcher.OpenSession(1);
  Burner takes("takes", false, UINT64_MAX);
  TickFor(watcher, milliseconds(500));
  const ProfilePart part = watcher.TakeSession(1, false);
  EXPECT(StacksOf(part, *code, "takes") > 5);
  watcher.Stop();
  SamplingSignal::Uninstall();
}

}  // namespace hotspan
