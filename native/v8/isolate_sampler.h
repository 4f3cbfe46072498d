#pragma once

#include <time.h>
#include <uv.h>
#include <v8.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../core/code_table.h"
#include "../core/histogram.h"
#include "../core/stack_profile.h"
#include "../platform/sampler_thread.h"
#include "builtins.h"
#include "frame_resolver.h"
#include "layout.h"
#include "sample_handler_signal.h"

namespace hotspan {

// What was lost or cut while a profile was taken, and the time it left out.
struct PeriodCounters {
  uint64_t samples = 0;
  uint64_t ring_full = 0;
  uint64_t unresolved_frames = 0;
  uint64_t truncated_stacks = 0;
  uint64_t idle_ns = 0;
};

// A session's share of one isolate since it was opened or last taken.
struct TakenProfile {
  std::shared_ptr<StackProfile> profile;
  PeriodCounters counters;
};

// Samples one isolate. Created, started, stopped and destroyed on the isolate's
// thread; the sampler thread calls the SampleTarget part.
//
// Safepoints, where records are drained: a GC prologue (nothing recorded has
// moved yet), an interrupt (inside long-running JS), an async callback of the
// event loop. After each, no raw pointer remains in the ring.
class IsolateSampler final : public SampleTarget {
 public:
  struct Options {
    NativeFrames native_frames = NativeFrames::kLeaf;
  };

  IsolateSampler(v8::Isolate* isolate, uv_loop_t* loop, const Layout& layout,
                 const Builtins& builtins);
  ~IsolateSampler() override;

  // Begins and ends sampling; idempotent. Start returns false and a one-line
  // reason when the thread cannot be sampled.
  bool Start(const Options& options, SamplerThread& sampler, std::string* why);
  void Stop();
  // Where V8's embedded builtins lie.
  AddressRange embedded_code() const;
  bool started() const { return sampler_ != nullptr; }

  // Sessions collect samples side by side. Each is a profile of its own.
  uint32_t OpenSession();
  // Swaps the session's profile for an empty one (`reopen`), or closes it.
  // Any thread.
  TakenProfile TakeSession(uint32_t id, bool reopen);

  // Drains now. Isolate's thread, outside GC.
  void Drain();
  // Drains, then counts what the thread used since its last sample to the stack
  // that calls this: with it, a profile's totals are what the OS says. Isolate's
  // thread, outside GC.
  void DrainToNow();

  const std::shared_ptr<CodeTable>& code() const { return code_; }
  // The scripts that were sampled; null before the first start.
  const ScriptTable* scripts() const;

  struct Stats {
    PeriodCounters totals;
    Histogram::Summary handler, drain;
    uint64_t bytes_held = 0;
    bool ready = false;  // the builtins are read: every sample is resolved
  };
  Stats stats();

  // `finish` is to be called, on the isolate's thread, when a signal is about to
  // end the process: it finishes the profile. Null: nothing is to be done.
  void OnProcessEnd(void (*finish)(void*), void* argument);

  // SampleTarget
  bool IsIdle() override;
  void Sample() override;
  void Housekeep(uint64_t now_ns, bool going_idle) override;
  void FinishBeforeEnd() override;

  // Closes the loop's handles, then calls `done`. Isolate's thread, at the end
  // of its environment; only destruction may follow.
  void Close(void (*done)(void*), void* argument);

 private:
  struct Session {
    uint32_t id;
    std::shared_ptr<StackProfile> profile;
    PeriodCounters at_start;
  };
  // Outlives the sampler when an interrupt is still queued in V8.
  struct InterruptToken {
    std::atomic<IsolateSampler*> sampler;
  };

  static void OnGcPrologue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* self);
  static void OnGcEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* self);
  static void OnInterrupt(v8::Isolate*, void* token);
  static void OnAsync(uv_async_t* handle);
  static void OnJsEntered(v8::Isolate*);

  void RequestDrain();
  void AtSafepoint();
  // When a drain happens decides what it may leave and what it can find.
  enum class Occasion { kAnyTime, kBeforeGc, kAfterGc };
  void DrainRecords(Occasion occasion);
  std::span<const LocationId> ResolveRecord(std::span<const uint64_t> record,
                                            const RecordHeader& header);
  void AddToSessions(std::span<const LocationId> stack, const StackProfile::Values& values);
  std::span<const LocationId> OwnStack();
  std::span<const LocationId> GcStack(uint8_t gc_type, bool walk);
  PeriodCounters Totals_locked();
  void FindBounds(FrameResolver::Options* resolver_options);

  v8::Isolate* isolate_;
  uv_loop_t* loop_;
  const Layout& layout_;
  const Builtins& builtins_;
  int tid_;
  clockid_t cpu_clock_;  // of the isolate's thread, readable from any
  std::shared_ptr<CodeTable> code_;
  WalkBounds bounds_;
  std::unique_ptr<ThreadSlot> slot_;  // while started
  std::unique_ptr<FrameResolver> resolver_;  // since the first start
  SamplerThread* sampler_ = nullptr;

  uv_async_t* async_ = nullptr;
  // One interrupt at a time. Set by the sampler thread, cleared by the interrupt.
  std::atomic<bool> interrupt_pending_{false};
  InterruptToken* pending_token_ = nullptr;

  // Isolate's thread; read by the sampler thread only as "is there one".
  std::atomic<void (*)(void*)> finish_{nullptr};
  void* finish_argument_ = nullptr;
  std::atomic<bool> ending_{false};

  // Guards sessions_ and totals_: held during a drain and a take, never in the
  // handler, never while V8 is called.
  std::mutex mutex_;
  std::vector<Session> sessions_;
  uint32_t next_session_ = 1;
  PeriodCounters totals_;
  uint64_t idle_at_start_ns_ = 0;

  std::vector<LocationId> scratch_;
  std::vector<uint64_t> walk_buffer_;
  LocationId drain_location_ = kNoId, gc_location_ = kNoId, truncated_location_ = kNoId;
  LocationId starting_location_ = kNoId;
  Histogram drain_time_;
  // Of slots that were dropped by Stop().
  Histogram::Summary last_handler_time_;
};

}  // namespace hotspan
