#pragma once

#include <cstdint>
#include <functional>
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
  // Asks for a drain when records have waited long or fill the ring;
  // `going_idle`: whatever waits should be drained now.
  virtual void Housekeep(uint64_t now_ns, bool going_idle) = 0;
  // While idle: a descriptor that becomes readable when there is work, and the
  // monotonic time of the next timer (UINT64_MAX: none).
  virtual int WakeDescriptor() = 0;
  virtual uint64_t NextTimerNs() = 0;
};

// The one thread that decides when to sample. Its period is jittered, so that
// it does not lock onto periodic work; when every target has been idle for a
// while it sleeps until one of them wakes.
class SamplerThread {
 public:
  SamplerThread();
  ~SamplerThread();
  SamplerThread(const SamplerThread&) = delete;
  SamplerThread& operator=(const SamplerThread&) = delete;

  // Starts the thread. `period_ns`: mean time between ticks. `prepare` runs on
  // it before the first tick. On failure returns false and a one-line reason.
  bool Start(uint64_t period_ns, std::function<void()> prepare, std::string* why);
  // Ends the thread; no target is called afterwards.
  void Stop();
  bool running() const;
  int64_t thread_id() const;  // the OS's, 0 when not running

  // A target is called until Remove() returns. Any thread.
  void Add(SampleTarget* target);
  void Remove(SampleTarget* target);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hotspan
