#pragma once

#include <atomic>
#include <v8.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "../core/code_table.h"
#include "../core/pprof_encoder.h"
#include "../core/sampling_pace.h"
#include "../core/stack_profile.h"
#include "allocation_stacks.h"
#include "buffer_sampler.h"
#include "builtins.h"
#include "isolate_sampler.h"
#include "live_samples.h"

namespace hotspan {

// One isolate's share of a heap profile.
struct TakenHeap {
  ProfilePart part;
  // For the profile's comments: what the process and this isolate hold by kinds
  // that have no stack, and what the profile lacks.
  std::vector<std::string> comments;
};

// Where the profile goes when a heap limit nears.
struct OutOfMemoryFile {
  std::string directory;  // empty: only to the spool
  std::string name;       // the thread is put between it and the ending
  std::vector<std::string> comments;
  int64_t start_unix_ns = 0;
  // Where profiles wait for their upload, in the form of src/delivery/period-file.ts.
  struct Spool {
    std::vector<std::string> directories;
    std::string id;     // of the period; the thread is put after it
    std::string owner;  // the end of the file's name
    std::string facts;  // a JSON object but for its closing brace, and for what is known only then
  } spool;
};

// The types of a heap profile's values.
PprofOptions HeapPprofOptions(uint64_t interval_bytes);

// Samples the allocations of one isolate: V8's objects when V8's own sampler would
// (see AllocationHook), memory of ArrayBuffers by BufferSampler. Stacks are our own,
// taken as each sample is, and so is what tells which samples live.
//
// V8 samples an allocation of `size` bytes with probability 1-exp(-size/interval);
// each sample therefore stands for 1/(1-exp(-size/interval)) such allocations. The
// interval is longer than the one asked for while the app allocates at a speed at
// which samples would cost too much (SamplingPace).
class HeapSampler {
 public:
  // `isolate_sampler` finds the stacks. It and `builtins` outlive the sampler.
  HeapSampler(v8::Isolate* isolate, IsolateSampler& isolate_sampler, const Builtins& builtins,
              std::shared_ptr<CodeTable> code);
  ~HeapSampler();
  HeapSampler(const HeapSampler&) = delete;
  HeapSampler& operator=(const HeapSampler&) = delete;

  // Runs `task` at this thread's next safepoint, or when the sampler stops being
  // attached, whatever is first. Any thread.
  void Post(std::function<void(HeapSampler&)> task);
  void RunTasks();

  // All that follows: isolate's thread.

  // The first session starts sampling; its interval holds for all. False and a
  // one-line reason when V8's sampler is in use or not as expected.
  bool OpenSession(uint32_t id, uint64_t interval_bytes, std::string* why);
  // What is live now, and what was allocated since the session was opened or
  // last taken. `reopen` false closes the session; the last one stops sampling.
  // An empty part: no such session.
  TakenHeap TakeSession(uint32_t id, bool reopen);
  // Stops all sampling. V8 13.6 crashes when its isolate goes with its sampler on.
  void Stop();

  // V8 calls back at most once: the heap limit is raised for the time writing
  // takes, then V8 and the app go on to what they do without a profiler.
  void WatchOutOfMemory(OutOfMemoryFile file);

  const std::string& thread() const { return isolate_sampler_.thread(); }

  // Of tables, as of the last profile or the last few thousand samples. Any thread.
  size_t bytes_held() const { return bytes_held_.load(std::memory_order_relaxed); }

 private:
  struct Session {
    uint32_t id = 0;
    AllocationStacks::Sums objects_before, buffers_before;
  };
  // The last sample, while its objects are not made yet.
  struct Pending {
    uint64_t address = 0;  // 0: none
    size_t size = 0;
    double interval = 0;  // that it was drawn with, bytes
    uint32_t stack = 0;
  };

  bool Start(uint64_t interval_bytes, std::string* why);
  bool Hook(uint64_t interval_bytes, std::string* why);
  static void OnSample(void* self, uint64_t address, size_t size, size_t since);
  static void OnGcPrologue(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self);
  void LookAtPending();
  void SumLive(AllocationStacks::Sums* live);
  void Rehook();
  TakenHeap Take(const Session& session);
  std::vector<std::string> Describe();
  void WriteOutOfMemory();
  void WriteToSpool(const std::string& which, std::string_view profile);
  void CountBytes();
  static size_t OnNearHeapLimit(void* self, size_t current, size_t initial);

  v8::Isolate* isolate_;
  IsolateSampler& isolate_sampler_;
  const Builtins& builtins_;
  std::shared_ptr<CodeTable> code_;
  uint64_t interval_ = 0;
  bool running_ = false;
  AllocationStacks stacks_;
  BufferSampler buffers_;
  LiveSamples live_;
  Pending pending_;
  SamplingPace pace_;
  std::minstd_rand random_{std::random_device{}()};
  uint64_t samples_ = 0;
  uint64_t unread_samples_ = 0;  // counted as allocated, not as in use
  uint64_t stops_ = 0;            // by other tools: V8 has one sampler for all
  bool lost_ = false;             // another tool has it
  std::vector<Session> sessions_;
  std::atomic<size_t> bytes_held_{0};

  OutOfMemoryFile out_of_memory_;
  bool watching_ = false;
  bool writing_ = false;
  size_t limit_at_first_ = 0, raised_to_ = 0;

  std::mutex mutex_;  // guards tasks_
  std::vector<std::function<void(HeapSampler&)>> tasks_;
};

}  // namespace hotspan
