#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "heap_sampler.h"

namespace hotspan {

// A heap profile of all threads. Each hands over its part at its next safepoint;
// one that is blocked has none.
class HeapCollector {
 public:
  void Expect();
  void Add(TakenHeap taken);

  struct Collected {
    std::vector<ProfilePart> parts;
    std::vector<std::string> comments;
  };
  // Waits for the parts that are still to come, `patience_ms` at most. Any thread.
  Collected Wait(int patience_ms);

  uint64_t interval_bytes = 0;

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  int expected_ = 0;
  std::vector<TakenHeap> taken_;
};

// The heap sessions of the process, over the samplers of all its isolates.
// Never destroyed.
class ProcessHeap {
 public:
  static ProcessHeap& Get();

  // A thread comes and goes: on that thread, while its IsolateSampler samples.
  void Attach(HeapSampler& sampler);
  void Detach(HeapSampler& sampler);

  // 0 and a one-line reason when the caller's heap cannot be sampled.
  uint32_t OpenSession(uint64_t interval_bytes, HeapSampler& caller, std::string* why);
  // Null: no such session.
  std::shared_ptr<HeapCollector> TakeSession(uint32_t id, bool reopen, HeapSampler& caller);
  // For all threads, as long as sessions are open.
  void WatchOutOfMemory(const OutOfMemoryFile& file, HeapSampler& caller);
  // Any thread.
  size_t bytes_held();

 private:
  struct Session {
    uint32_t id;
    uint64_t interval;
  };

  std::mutex mutex_;  // guards what follows; not held while V8 is called
  std::vector<HeapSampler*> samplers_;
  std::vector<Session> sessions_;
  uint32_t next_session_ = 1;
  std::optional<OutOfMemoryFile> out_of_memory_;
};

}  // namespace hotspan
