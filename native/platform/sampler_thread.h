#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace hotspan {

// A thread of the app that is to be sampled. All calls come from the sampler
// thread, with its registry locked.
class SampleTarget {
 public:
  virtual ~SampleTarget() = default;

  // Whether the thread waits in its event loop at this moment.
  virtual bool IsIdle() = 0;
  // Signals the thread, unless the last signal is still under way.
  virtual void Sample() = 0;
  // Called instead of Sample() when the thread is idle: what it did since its
  // last sample is told now, not when it is sampled next.
  virtual void Settle([[maybe_unused]] bool going_idle) {}
  // Asks for a drain when records have waited long or fill the ring;
  // `going_idle`: whatever waits should be drained now.
  virtual void Housekeep(uint64_t now_ns, bool going_idle) = 0;
  // The process is about to be ended by a signal: asks the thread to finish its
  // profile and then let the signal have its way.
  virtual void FinishBeforeEnd() = 0;
};

// The one thread that decides when to sample. Its period is jittered, so that
// it does not lock onto periodic work; when every target has been idle for a
// while it sleeps until one of them calls WakeIfAsleep().
class SamplerThread {
 public:
  SamplerThread();
  ~SamplerThread();
  SamplerThread(const SamplerThread&) = delete;
  SamplerThread& operator=(const SamplerThread&) = delete;

  // Starts the thread. `period_ns`: mean time between ticks. On failure returns
  // false and a one-line reason.
  bool Start(uint64_t period_ns, std::string* why);
  // Ends the thread; no target is called afterwards.
  void Stop();
  bool running() const;
  int64_t thread_id() const;  // the OS's, 0 when not running

  // To be called by a target's thread whenever it may begin to work: a load when
  // the sampler is awake, a write to an eventfd when it sleeps.
  void WakeIfAsleep() {
    if (asleep_.load(std::memory_order_seq_cst)) Wake_signal();
  }

  // A target is called until Remove() returns. Any thread.
  void Add(SampleTarget* target);
  void Remove(SampleTarget* target);

  // Out of any sleep. Async-signal-safe.
  void Wake_signal();

 private:

  struct Impl;
  // Set by the sampler thread before it looks a last time whether all are idle,
  // read by targets after they stopped being idle: one of the two sees the
  // other (hence seq_cst).
  std::atomic<bool> asleep_{false};
  std::unique_ptr<Impl> impl_;
};

}  // namespace hotspan
