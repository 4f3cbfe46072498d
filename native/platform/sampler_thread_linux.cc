#include "sampler_thread.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <vector>

#include "termination.h"
#include "thread_clock.h"

namespace hotspan {
namespace {

// Idle this long before the thread stops ticking.
constexpr uint64_t kIdleBeforeSleepNs = 500'000'000;
// Idle this long: what was sampled is drained, while the thread still ticks.
constexpr uint64_t kIdleBeforeDrainNs = 100'000'000;
// Or earlier, when little was met since it was woken: this many idle ticks, and
// some more for each busy one. An app that only looks at its timers now and then
// is not worth half a second of ticks each time.
constexpr int kIdleTicksBeforeSleep = 3, kIdleTicksForBusyOne = 3;
// More than half a second of idle ticks at any rate.
constexpr int kBusyAtStart = 1'000'000;
// How long the app's thread may take to finish its profile when a signal is
// about to end the process.
constexpr uint64_t kPatienceAtEndNs = 2'000'000'000;
// And how long after that the kernel may take to end the process.
constexpr uint64_t kNsToDie = 1'000'000'000;
// Longer, a stop would wait for the thread, and work go unnoticed.
constexpr uint64_t kLongestBlindSleepNs = 10'000'000;
constexpr size_t kStackBytes = 512 * 1024;

// xorshift64*: cheap, and good enough to decorrelate ticks from the app.
class Jitter {
 public:
  explicit Jitter(uint64_t seed) : state_(seed | 1) {}
  // Uniform in [0, limit).
  uint64_t Below(uint64_t limit) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return limit == 0 ? 0 : (state_ * 0x2545f4914f6cdd1du >> 11) % limit;
  }

 private:
  uint64_t state_;
};

// struct sched_attr of the kernel, as old as it was first.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes), policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime_ns = 0, deadline_ns = 0, period_ns = 0;
};

// Lets the calling thread run as soon as it wakes, on the only processor too: a
// Linux of 6.12 or later lets a thread that asks for less time at once interrupt
// one that asks for more. Otherwise it waits until the app's thread has had its
// share or happens to enter the scheduler, and samples are taken just there.
// Older ones do not look at it.
void AskForShortSlices() {
  constexpr uint64_t kShortestSliceNs = 100'000;
  SchedulingAttributes attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  attributes.size = sizeof attributes;
  attributes.runtime_ns = kShortestSliceNs;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

struct SamplerThread::Impl {
  uint64_t period_ns = 0;
  pthread_t thread{};
  bool running = false;
  std::atomic<bool>* asleep;  // the owner's
  std::atomic<bool> stopping{false};
  std::atomic<pid_t> tid{0};
  int event_fd = -1;  // wakes the thread out of any sleep
  // Guards targets. Held during a tick, never while sleeping.
  std::mutex mutex;
  std::vector<SampleTarget*> targets;

  void Wake_signal() const {
    uint64_t one = 1;
    [[maybe_unused]] ssize_t written = write(event_fd, &one, sizeof one);
  }

  // Sleeps until `deadline_ns` or until woken; UINT64_MAX: until woken.
  void SleepUntil(uint64_t deadline_ns) {
    uint64_t now = MonotonicNs_signal();
    if (deadline_ns <= now) return;
    uint64_t left = deadline_ns - now;
    timespec timeout{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    pollfd fd{event_fd, POLLIN, 0};
    if (ppoll(&fd, 1, deadline_ns == UINT64_MAX ? nullptr : &timeout, nullptr) < 0 && errno != EINTR) {
      // A sandbox that forbids it. Nothing wakes the thread out of this sleep.
      const timespec pause{0, static_cast<long>(std::min(left, kLongestBlindSleepNs))};
      nanosleep(&pause, nullptr);
    }
    if (fd.revents & POLLIN) {
      uint64_t count;
      [[maybe_unused]] ssize_t got = read(event_fd, &count, sizeof count);
    }
  }

  // One tick over all targets. Returns whether any was busy.
  bool Tick(bool going_idle) {
    std::lock_guard lock(mutex);
    uint64_t now = MonotonicNs_signal();
    bool busy = false;
    for (SampleTarget* target : targets) {
      if (target->IsIdle()) {
        target->Settle(going_idle);
      } else {
        busy = true;
        target->Sample();
      }
      target->Housekeep(now, going_idle);
    }
    return busy;
  }

  void SleepUntilWork() {
    asleep->store(true, std::memory_order_seq_cst);
    if (AllIdle() && !stopping.load(std::memory_order_acquire)) SleepUntil(UINT64_MAX);
    asleep->store(false, std::memory_order_seq_cst);
  }

  bool AllIdle() {
    std::lock_guard lock(mutex);
    return std::all_of(targets.begin(), targets.end(), [](SampleTarget* t) { return t->IsIdle(); });
  }

  void Run() {
    prctl(PR_SET_NAME, "hotspan", 0, 0, 0);
    // Default slack of 50 us would shift every tick alike.
    prctl(PR_SET_TIMERSLACK, 1'000, 0, 0, 0);
    AskForShortSlices();
    tid.store(static_cast<pid_t>(syscall(SYS_gettid)), std::memory_order_release);
    Jitter jitter(MonotonicNs_signal());
    uint64_t idle_since = 0;
    int idle_ticks = 0;
    // As if it had met work: what comes right after the start is to be seen.
    int busy_since_wake = kBusyAtStart;
    uint64_t ending_deadline_ns = 0;
    uint64_t next = MonotonicNs_signal() + jitter.Below(period_ns);
    while (!stopping.load(std::memory_order_acquire)) {
      SleepUntil(next);
      uint64_t now = MonotonicNs_signal();
      if (now < next && TerminationWatch::pending() == 0) continue;  // woken: look at `stopping`
      bool long_idle = idle_ticks > 0 && now - idle_since >= kIdleBeforeDrainNs;
      if (Tick(long_idle)) {
        idle_ticks = 0;
        busy_since_wake = std::min(busy_since_wake + 1, kBusyAtStart);
      } else if (idle_ticks++ == 0) {
        idle_since = now;
      }
      if (ending_deadline_ns == 0 && TerminationWatch::pending() != 0) {
        ending_deadline_ns = now + kPatienceAtEndNs;
        std::lock_guard lock(mutex);
        for (SampleTarget* target : targets) target->FinishBeforeEnd();
      }
      if (ending_deadline_ns != 0) {
        if (now > ending_deadline_ns + kNsToDie) {
          // The process goes on. Its JavaScript finishes the profile when it runs again.
          TerminationWatch::Survived();
          ending_deadline_ns = 0;
        } else if (now > ending_deadline_ns) {
          TerminationWatch::Finish();
        }
        next = now + period_ns;
        continue;
      }
      bool sleep = idle_ticks >= kIdleTicksBeforeSleep + kIdleTicksForBusyOne * busy_since_wake ||
                   (idle_ticks > 0 && now - idle_since >= kIdleBeforeSleepNs);
      if (sleep) {
        Tick(true);
        SleepUntilWork();
        idle_ticks = 0;
        busy_since_wake = 0;
        // A random phase: the first tick must not always see how bursts begin.
        next = MonotonicNs_signal() + jitter.Below(period_ns);
        continue;
      }
      // Mean period, uniform within half of it to one and a half. A late wake-up
      // is not made up for: bunched ticks would over-weight one moment.
      next = std::max(next, now - std::min(now, period_ns)) + period_ns / 2 + jitter.Below(period_ns);
    }
    tid.store(0, std::memory_order_release);
  }

  static void* Main(void* self) {
    static_cast<Impl*>(self)->Run();
    return nullptr;
  }
};

SamplerThread::SamplerThread() : impl_(std::make_unique<Impl>()) { impl_->asleep = &asleep_; }

SamplerThread::~SamplerThread() {
  Stop();
  if (impl_->event_fd >= 0) close(impl_->event_fd);
}

bool SamplerThread::Start(uint64_t period_ns, std::string* why) {
  if (impl_->running) return true;
  if (impl_->event_fd < 0) impl_->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (impl_->event_fd < 0) {
    *why = std::string("eventfd: ") + std::strerror(errno);
    return false;
  }
  impl_->period_ns = period_ns;
  impl_->stopping.store(false, std::memory_order_release);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  // Signals of the app are not this thread's to handle.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&impl_->thread, &attributes, Impl::Main, impl_.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    *why = std::string("cannot start the sampler thread: ") + std::strerror(error);
    return false;
  }
  impl_->running = true;
  return true;
}

void SamplerThread::Stop() {
  if (!impl_->running) return;
  impl_->stopping.store(true, std::memory_order_release);
  impl_->Wake_signal();
  pthread_join(impl_->thread, nullptr);
  impl_->running = false;
}

void SamplerThread::Wake_signal() { impl_->Wake_signal(); }

bool SamplerThread::running() const { return impl_->running; }

int64_t SamplerThread::thread_id() const { return impl_->tid.load(std::memory_order_acquire); }

void SamplerThread::Add(SampleTarget* target) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->targets.push_back(target);
  }
  if (impl_->running) impl_->Wake_signal();
}

void SamplerThread::Remove(SampleTarget* target) {
  {
    std::lock_guard lock(impl_->mutex);
    std::erase(impl_->targets, target);
  }
}

}  // namespace hotspan
