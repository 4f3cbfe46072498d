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
#include "../platform/sampler_thread.h"
#include "../platform/thread_state.h"
#include "builtins.h"
#include "context_table.h"
#include "frame_resolver.h"
#include "kept_records.h"
#include "layout.h"
#include "own_frames.h"
#include "park_detector.h"
#include "period_counters.h"
#include "sample_handler_signal.h"
#include "session_profiles.h"
#include "stack_source.h"

namespace hotspan {

// Samples one isolate. Created, started, stopped and destroyed on the isolate's
// thread; the sampler thread calls the SampleTarget part.
//
// Safepoints, where records are drained: the prologue of a mark-compact (nothing
// recorded has moved yet), an interrupt (inside long-running JS), an async callback of
// the event loop. At the prologue of a scavenge they are kept (see KeptRecords) and
// wait for one of these. After each, no raw pointer remains in the ring.
class IsolateSampler final : public SampleTarget, public StackSource {
 public:
  struct Options {
    NativeFrames native_frames = NativeFrames::kLeaf;
    std::string own_directory;  // see OwnFrames
  };

  // `thread`: how samples name this thread: "main", "worker-3".
  IsolateSampler(v8::Isolate* isolate, uv_loop_t* loop, std::string thread, const Layout& layout,
                 const Builtins& builtins, std::shared_ptr<CodeTable> code);
  ~IsolateSampler() override;

  // Begins and ends sampling; idempotent. Start returns false and a one-line
  // reason when the thread cannot be sampled.
  bool Start(const Options& options, SamplerThread& sampler, std::string* why);
  void Stop();
  void set_native_frames(NativeFrames mode) { resolver_->set_native_frames(mode); }
  // What the thread did since its last sample belongs to no session: sampling
  // goes on after the sampler thread was stopped. Any thread, while started.
  void SkipToNow() { skip_to_now_.store(true, std::memory_order_release); }
  bool started() const { return sampler_ != nullptr; }

  // See SessionProfiles; `id` is the caller's. Any thread.
  void OpenSession(uint32_t id);
  TakenProfile TakeSession(uint32_t id, bool reopen);

  // Drains now. Isolate's thread, outside GC.
  void Drain();
  // Drains, then counts what the thread used since its last sample to the stack
  // that calls this: with it, a profile's totals are what the OS says. Isolate's
  // thread, outside GC.
  void DrainToNow();
  // Asks for the same at the thread's next safepoint; answered() tells when it
  // was done. Any thread, while started.
  void RequestDrainToNow();
  bool answered() const { return !to_now_.load(std::memory_order_acquire); }

  // Between the prologue of a collection and its epilogue. Isolate's thread.
  bool collecting() const { return slot_ != nullptr && slot_->gc_depth.load(std::memory_order_relaxed) > 0; }
  // Reads objects as they are now. Isolate's thread, at a safepoint or where a
  // collection begins; valid until anything runs. Null: not started.
  const HeapReader* HeapAtSafepoint();

  v8::Isolate* isolate() const { return isolate_; }
  const std::string& thread() const { return thread_; }
  int thread_id() const { return tid_; }

  // Sends this thread the signal, as the sampler thread does, and resolves what
  // the handler found; no session gets it. Isolate's thread, outside GC.
  // False: the signal did not come, or the builtins are not read yet.
  struct OwnSample {
    std::vector<LocationId> stack;  // leaf first
    uint64_t inlined = 0;           // frames of it
  };
  bool SampleSelf(OwnSample* sample);

  // From now on samples carry what tells their async context, and `source` gives
  // its labels. Isolate's thread.
  void EnableLabels(ContextTable::Mode mode, std::unique_ptr<LabelSource> source);
  void DisableLabels();
  // Drains, then asks for the labels of all contexts that wait. Runs JS:
  // isolate's thread, in a turn of its event loop or in JS.
  void ResolveContexts();
  ContextTable& contexts() { return contexts_; }

  struct Stats {
    PeriodCounters totals;
    Histogram::Summary handler, drain, labelling;
    ContextTable::Counts contexts;
    uint64_t bytes_held = 0;
    bool ready = false;  // the builtins are read: every sample is resolved
  };
  Stats stats();

  // `finish` is to be called, on the isolate's thread, when a signal is about to
  // end the process: it finishes the profile. Null: nothing is to be done.
  // `survived`: after that, in a process that the signal did not end.
  void OnProcessEnd(void (*finish)(void*), void (*survived)(void*), void* argument);

  // StackSource. REQUIRES: started.
  uint64_t Walk() override;
  std::span<const LocationId> Resolve() override;
  // `task` is to run at each of this thread's safepoints outside GC; null: none.
  // Isolate's thread. RequestSafepoint() asks for one soon: any thread.
  void AtSafepoints(void (*task)(void*), void* argument);
  void RequestSafepoint() { RequestDrain(); }

  // SampleTarget
  bool IsIdle() override;
  void Sample() override;
  void Settle(bool going_idle) override;
  void Housekeep(uint64_t now_ns, bool going_idle) override;
  void FinishBeforeEnd() override;

  // Closes the loop's handles, then calls `done`. Isolate's thread, at the end
  // of its environment; only destruction may follow.
  void Close(void (*done)(void*), void* argument);

 private:
  static void OnGcPrologue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* self);
  static void OnGcEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* self);
  static void OnInterrupt(v8::Isolate*, void* token);
  static void OnAsync(uv_async_t* handle);
  static void OnJsEntered(v8::Isolate*);

  bool ClaimSlot();
  void ReleaseSlot() { slot_->owner.store(SlotOwner::kNone, std::memory_order_release); }
  bool ClaimForTick();
  bool StaysDeaf(uint64_t now_ns);
  void RequestDrain();
  void AtSafepoint();
  // When a drain happens decides what it may leave and what it can find.
  enum class Occasion { kAnyTime, kToNow, kBeforeGc, kAfterGc };
  // `claimed`: the caller has claimed the slot.
  void DrainRecords(Occasion occasion, bool claimed = false);
  // Since the last record, which ends there. REQUIRES: the slot is claimed.
  struct ElapsedTimes {
    SessionProfiles::Times here;
    uint64_t waited_ns = 0;  // see RecordHeader
  };
  ElapsedTimes TakeElapsed();
  // In place of a drain, where only young objects move: takes the records out of the
  // ring to be kept. False: they have to be drained now.
  bool KeepRecords(Occasion occasion);
  void AddRecord(std::span<const uint64_t> record, Occasion occasion);
  void EndWork(uint64_t start_ns);
  std::span<const LocationId> ResolveRecord(std::span<const uint64_t> record,
                                            const RecordHeader& header);
  uint64_t CurrentContext() const;
  void BindContextsToSlot();
  std::span<const uint64_t> WalkOwnStack();
  std::span<const LocationId> OwnStack();
  std::span<const LocationId> GcStack(uint8_t gc_type, std::span<const uint64_t> below);
  PeriodCounters Totals_locked();

  v8::Isolate* const isolate_;
  uv_loop_t* loop_;
  const std::string thread_;
  const Layout& layout_;
  const Builtins& builtins_;
  int tid_;
  clockid_t cpu_clock_;  // of the isolate's thread, readable from any
  ThreadStateReader thread_state_;  // sampler thread only
  std::shared_ptr<CodeTable> code_;
  WasmRanges wasm_ranges_;
  WalkBounds bounds_;
  std::unique_ptr<ThreadSlot> slot_;  // while started
  std::unique_ptr<ThreadSlot> own_slot_;  // of SampleSelf(), from its first call
  std::unique_ptr<FrameResolver> resolver_;  // since the first start
  ContextTable contexts_;
  SamplerThread* sampler_ = nullptr;

  uv_async_t* async_ = nullptr;
  // One interrupt at a time. Set by whoever asks for a drain, cleared by the
  // interrupt, which finds this object by number: V8 may keep it queued for
  // longer than the object lives.
  std::atomic<bool> interrupt_pending_{false};
  uintptr_t number_ = 0;

  void (*task_)(void*) = nullptr;
  void* task_argument_ = nullptr;

  // Isolate's thread; read by the sampler thread only as "is there one".
  std::atomic<void (*)(void*)> finish_{nullptr};
  void (*survived_)(void*) = nullptr;
  void* finish_argument_ = nullptr;
  std::atomic<bool> ending_{false};
  std::atomic<bool> to_now_{false};
  std::atomic<bool> skip_to_now_{false};
  // Since when contexts wait for their labels; 0: none does.
  std::atomic<uint64_t> contexts_since_ns_{0};
  // Sampler thread only: sampled since it was last found idle; since it last went
  // idle for long.
  bool sampled_since_idle_ = false, sampled_since_sleep_ = false;
  ParkDetector park_;
  // Likewise: when the last signal was sent; the thread did not answer it, since it
  // blocks signals as a rule, and gets no other while that one waits for it.
  uint64_t signalled_at_ns_ = 0;
  bool is_deaf_ = false;
  uint64_t ask_again_at_ns_ = 0;

  // Guards sessions_ and totals_: held during a drain and a take, never in the
  // handler, never while V8 is called.
  std::mutex mutex_;
  SessionProfiles sessions_;
  PeriodCounters totals_;
  uint64_t idle_at_start_ns_ = 0;

  KeptRecords kept_;
  OwnFrames own_frames_;  // under mutex_

  std::vector<LocationId> scratch_;
  std::vector<uint64_t> walk_buffer_;
  std::span<const uint64_t> walked_;  // by Walk(), in the buffer
  LocationId drain_location_ = kNoId, gc_location_ = kNoId, truncated_location_ = kNoId;
  LocationId unresolved_location_ = kNoId, not_sampled_location_ = kNoId;
  Histogram drain_time_, labelling_time_;
  // Of slots that were dropped by Stop().
  Histogram::Summary last_handler_time_;
};

}  // namespace hotspan
