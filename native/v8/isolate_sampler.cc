#include "isolate_sampler.h"

#include <sched.h>

#include <cstring>

#include "../platform/sampling_signal.h"
#include "../platform/termination.h"
#include "../platform/thread_clock.h"
#include "../platform/thread_stack.h"
#include "raw_handle.h"
#include "sampler_numbers.h"
#include "walk_area.h"

namespace hotspan {
namespace {

// 1 MiB: 36 stacks of 500 JS frames. Pages are used only as far as records
// wait in it.
constexpr size_t kRingWords = 128 * 1024;
// Records wait at most this long, so that what they refer to is not held up.
constexpr uint64_t kMaxWaitNs = 900'000'000;
// So do contexts for their labels: asked for in batches, since each costs a turn
// of the event loop and calls into JS.
constexpr uint64_t kMaxContextWaitNs = 900'000'000;

// A thread that did not answer a signal for so long, and used so much CPU meanwhile,
// blocks it, or other code took it: one that waits for a processor or a disk uses none.
constexpr uint64_t kPatienceNs = 1'000'000'000, kCpuOfTheDeafNs = 10'000'000;

// The process's one sampler thread: V8's callback on entering JS carries no data.
std::atomic<SamplerThread*> g_sampler{nullptr};

const char* GcName(uint8_t type) {
  if (type & v8::kGCTypeMarkSweepCompact) return "(mark-compact)";
  if (type & v8::kGCTypeIncrementalMarking) return "(incremental marking)";
  if (type & v8::kGCTypeProcessWeakCallbacks) return "(weak callbacks)";
  return "(scavenge)";
}

}  // namespace

IsolateSampler::IsolateSampler(v8::Isolate* isolate, uv_loop_t* loop, std::string thread,
                               const Layout& layout, const Builtins& builtins,
                               std::shared_ptr<CodeTable> code)
    : isolate_(isolate),
      loop_(loop),
      thread_(std::move(thread)),
      layout_(layout),
      builtins_(builtins),
      tid_(CurrentThreadId()),
      cpu_clock_(CurrentThreadCpuClock()),
      thread_state_(tid_),
      code_(std::move(code)),
      contexts_(isolate),
      number_(SamplerNumbers::Get().Add(this)),
      sessions_(code_, contexts_),
      own_frames_(*code_) {
  drain_location_ = code_->SyntheticLocation("(hotspan)");
  gc_location_ = code_->SyntheticLocation("(garbage collector)");
  truncated_location_ = code_->SyntheticLocation("(truncated)");
  unresolved_location_ = code_->SyntheticLocation("(unresolved)");
  not_sampled_location_ = code_->SyntheticLocation("(not sampled)");
}

IsolateSampler::~IsolateSampler() {
  Stop();
  SamplerNumbers::Get().Remove(number_);
}

bool IsolateSampler::Start(const Options& options, SamplerThread& sampler, std::string* why) {
  if (started()) return true;
  slot_ = std::make_unique<ThreadSlot>();
  if (!slot_->ring.Init(kRingWords)) {
    *why = "no memory for the sample ring";
    return false;
  }
  FrameResolver::Options resolver_options;
  bounds_ = FindWalkArea(isolate_, &resolver_options);
  if (bounds_.stack_high == 0) {
    *why = "the stack of this thread is not known";
    return false;
  }
  bounds_.wasm = &wasm_ranges_;
  for (int type : {layout_.frame_wasm, layout_.frame_wasm_to_js}) {
    if (type >= 0) bounds_.wasm_frames |= uint64_t{1} << type;
  }
  slot_->bounds = &bounds_;
  if (resolver_ == nullptr) {
    resolver_ = std::make_unique<FrameResolver>(layout_, bounds_, builtins_, *code_, wasm_ranges_, resolver_options);
  }
  resolver_->set_native_frames(options.native_frames);
  own_frames_.set_directory(options.own_directory);
  resolver_->ForgetAddresses();  // no GC callback told what moved since the last stop
  {
    v8::HandleScope scope(isolate_);
    resolver_->LearnAges(AddressOf(v8::String::NewFromUtf8Literal(isolate_, "hotspan: a young object")));
  }
  walk_buffer_.resize(kMaxRecordWords);
  contexts_.set_reader(&resolver_->heap());
  BindContextsToSlot();
  slot_->last_cpu_ns = ThreadCpuNs_signal();
  slot_->last_wall_ns = MonotonicNs_signal();
  slot_->last_idle_ns = idle_at_start_ns_ = uv_metrics_idle_time(loop_);

  if (async_ == nullptr) {
    async_ = new uv_async_t;
    uv_async_init(loop_, async_, OnAsync);
    async_->data = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(async_));
  }
  g_sampler.store(&sampler, std::memory_order_release);
  isolate_->AddBeforeCallEnteredCallback(OnJsEntered);
  isolate_->AddGCPrologueCallback(OnGcPrologue, this);
  isolate_->AddGCEpilogueCallback(OnGcEpilogue, this);
  SetCurrentThreadSlot(slot_.get());
  sampler_ = &sampler;
  sampler.Add(this);
  return true;
}

void IsolateSampler::Stop() {
  if (!started()) return;
  sampler_->Remove(this);
  sampler_ = nullptr;
  const bool claimed = ClaimSlot();  // a signal still under way must find it
  if (is_deaf_) SamplingSignal::DiscardPending();
  is_deaf_ = false;
  SetCurrentThreadSlot(nullptr);
  DrainRecords(Occasion::kAnyTime, claimed);
  {
    std::lock_guard lock(mutex_);
    PeriodCounters final_totals = Totals_locked();
    totals_ = final_totals;
    idle_at_start_ns_ = 0;
  }
  isolate_->RemoveGCPrologueCallback(OnGcPrologue, this);
  isolate_->RemoveGCEpilogueCallback(OnGcEpilogue, this);
  isolate_->RemoveBeforeCallEnteredCallback(OnJsEntered);
  last_handler_time_ = slot_->handler_time.Summarize();
  slot_.reset();
  own_slot_.reset();
}

void IsolateSampler::Close(void (*done)(void*), void* argument) {
  Stop();
  if (async_ == nullptr) return done(argument);
  struct Closing {
    void (*done)(void*);
    void* argument;
  };
  async_->data = new Closing{done, argument};
  uv_close(reinterpret_cast<uv_handle_t*>(async_), [](uv_handle_t* handle) {
    std::unique_ptr<Closing> closing(static_cast<Closing*>(handle->data));
    delete reinterpret_cast<uv_async_t*>(handle);
    closing->done(closing->argument);
  });
  async_ = nullptr;
}

// --- sampler thread ---

bool IsolateSampler::IsIdle() {
  // While the loop polls, its idle time grows between two readings; libuv's
  // clock has nanoseconds.
  uint64_t first = uv_metrics_idle_time(loop_);
  return uv_metrics_idle_time(loop_) > first;
}

// Also from a signal that is not answered: what the thread used since then would be
// in no profile.
bool IsolateSampler::ClaimForTick() {
  if (slot_->Exchange_signal(SlotOwner::kNone, SlotOwner::kClaimed)) return true;
  if (slot_->owner.load(std::memory_order_relaxed) != SlotOwner::kSignalled) return false;
  const uint64_t now = MonotonicNs_signal();
  if (now - signalled_at_ns_ < kPatienceNs) return false;
  const uint64_t used = ReadClockNs_signal(cpu_clock_) - slot_->cpu_ns.load(std::memory_order_relaxed);
  if (used < kCpuOfTheDeafNs) return false;
  if (!slot_->Exchange_signal(SlotOwner::kSignalled, SlotOwner::kClaimed)) return false;
  is_deaf_ = true;
  ask_again_at_ns_ = now + kPatienceNs;
  return true;
}

bool IsolateSampler::StaysDeaf(uint64_t now_ns) {
  if (!is_deaf_ || now_ns < ask_again_at_ns_) return is_deaf_;
  is_deaf_ = SamplingSignal::IsPending(tid_);
  ask_again_at_ns_ = now_ns + kPatienceNs;
  return is_deaf_;
}

void IsolateSampler::Sample() {
  if (!ClaimForTick()) return;
  if (skip_to_now_.exchange(false, std::memory_order_acq_rel)) {
    slot_->last_idle_ns = uv_metrics_idle_time(loop_);
    slot_->last_cpu_ns = ReadClockNs_signal(cpu_clock_);
    slot_->last_wall_ns = MonotonicNs_signal();
    slot_->frozen_ns.store(0, std::memory_order_relaxed);
    ReleaseSlot();
    return;
  }
  sampled_since_idle_ = sampled_since_sleep_ = true;
  uint64_t cpu = ReadClockNs_signal(cpu_clock_);
  bool parked = park_.StillParked(cpu), queues = false;
  if (!parked) {
    ThreadState state = thread_state_.Read(cpu);
    queues = state == ThreadState::kQueues;
    uint64_t place = slot_->place.load(std::memory_order_relaxed);
    parked = !queues && park_.Parks(state == ThreadState::kSleeps, cpu, place);
  }
  if (parked) slot_->parked_until_ns.store(MonotonicNs_signal(), std::memory_order_relaxed);
  if (parked || queues) {
    ReleaseSlot();
    return;
  }
  const uint64_t idle = uv_metrics_idle_time(loop_), now = MonotonicNs_signal();
  if (StaysDeaf(now)) {
    RecordTimes_signal(*slot_, RecordKind::kNotSampled, {cpu, idle, now});
    ReleaseSlot();
    return;
  }
  slot_->idle_ns.store(idle, std::memory_order_relaxed);
  slot_->cpu_ns.store(cpu, std::memory_order_relaxed);
  signalled_at_ns_ = now;
  slot_->owner.store(SlotOwner::kSignalled, std::memory_order_release);
  if (SamplingSignal::Send(tid_)) return;
  // None came: nothing but this thread, and the isolate's, takes it back.
  slot_->Exchange_signal(SlotOwner::kSignalled, SlotOwner::kNone);
}

// The sample of an app that waits for work most of the time would otherwise get
// what the piece of work before it did after it was sampled, and the last of a
// burst would leave its rest to another burst's first.
void IsolateSampler::Settle(bool going_idle) {
  if (!sampled_since_idle_ && !(going_idle && sampled_since_sleep_)) return;
  if (!slot_->Exchange_signal(SlotOwner::kNone, SlotOwner::kClaimed)) return;
  sampled_since_idle_ = false;
  if (going_idle) sampled_since_sleep_ = false;
  uint64_t cpu = ReadClockNs_signal(cpu_clock_), idle = uv_metrics_idle_time(loop_);
  RecordTimes_signal(*slot_, RecordKind::kRest, {cpu, idle, MonotonicNs_signal()});
  ReleaseSlot();
}

void IsolateSampler::Housekeep(uint64_t now_ns, bool going_idle) {
  slot_->frozen_ns.fetch_add(TakeFreeze_signal(*slot_, now_ns), std::memory_order_relaxed);
  slot_->tick_ns.store(going_idle ? 0 : now_ns, std::memory_order_relaxed);
  const auto waits = [&](uint64_t since_ns, uint64_t limit_ns) {
    return since_ns != 0 && (going_idle || (now_ns > since_ns && now_ns - since_ns > limit_ns));
  };
  uint64_t records_since = slot_->first_waiting_ns.load(std::memory_order_relaxed);
  bool filling = records_since != 0 && slot_->ring.used_words() > kRingWords / 4;
  if (filling || waits(records_since, kMaxWaitNs)) {
    RequestDrain();
  } else if (waits(contexts_since_ns_.load(std::memory_order_relaxed), kMaxContextWaitNs)) {
    uv_async_send(async_);
  }
}

void IsolateSampler::RequestDrain() {
  uv_async_send(async_);
  if (interrupt_pending_.exchange(true, std::memory_order_acq_rel)) return;
  isolate_->RequestInterrupt(OnInterrupt, reinterpret_cast<void*>(number_));
}

void IsolateSampler::RequestDrainToNow() {
  to_now_.store(true, std::memory_order_release);
  RequestDrain();
}

void IsolateSampler::FinishBeforeEnd() {
  if (finish_.load(std::memory_order_acquire) == nullptr) return;
  ending_.store(true, std::memory_order_release);
  RequestDrain();
}

// --- isolate's thread ---

void IsolateSampler::OnProcessEnd(void (*finish)(void*), void (*survived)(void*), void* argument) {
  finish_argument_ = argument;
  survived_ = survived;
  finish_.store(finish, std::memory_order_release);
}

// An interrupt or a turn of the event loop.
void IsolateSampler::AtSafepoint() {
  if (to_now_.load(std::memory_order_acquire)) {
    DrainToNow();
    to_now_.store(false, std::memory_order_release);
  } else {
    Drain();
  }
  if (task_ != nullptr) task_(task_argument_);
  if (!ending_.exchange(false, std::memory_order_acq_rel)) return;
  // Runs JS, which V8 does not want of an interrupt. It is the last that this
  // thread does: the signal ends the process right after.
  if (auto finish = finish_.load(std::memory_order_acquire)) finish(finish_argument_);
  TerminationWatch::Finish();
  TerminationWatch::Survived();
  if (survived_ != nullptr) survived_(finish_argument_);
}

// V8 calls this whenever C++ calls into JS: the first thing that happens when
// an event loop has work. Watching the loop's epoll descriptor instead loses
// bursts: the kernel lets a poll() on it sleep on when the loop has taken the
// event by the time it looks.
void IsolateSampler::OnJsEntered(v8::Isolate*) {
  g_sampler.load(std::memory_order_acquire)->WakeIfAsleep();
}

void IsolateSampler::OnAsync(uv_async_t* handle) {
  auto* self = static_cast<IsolateSampler*>(handle->data);
  self->AtSafepoint();
  if (self->contexts_.pending()) self->ResolveContexts();
}

void IsolateSampler::EnableLabels(ContextTable::Mode mode, std::unique_ptr<LabelSource> source) {
  contexts_.Enable(mode, std::move(source));
  BindContextsToSlot();
}

void IsolateSampler::DisableLabels() {
  contexts_.Disable();
  BindContextsToSlot();
}

void IsolateSampler::BindContextsToSlot() {
  if (slot_ == nullptr) return;
  slot_->context_word.store(contexts_.word(), std::memory_order_relaxed);
  slot_->context_samples.store(contexts_.sample_counter().get(), std::memory_order_relaxed);
}

uint64_t IsolateSampler::CurrentContext() const {
  const uint64_t* word = contexts_.word();
  return word != nullptr ? *word : 0;
}

void IsolateSampler::ResolveContexts() {
  if (slot_ == nullptr) return contexts_.Resolve();
  // First, so that no sample counts as the app's that finds our JavaScript.
  slot_->asking_labels.store(true, std::memory_order_relaxed);
  Drain();
  const uint64_t start = MonotonicNs_signal();
  contexts_.Resolve();
  labelling_time_.Record_signal(MonotonicNs_signal() - start);
  if (!contexts_.pending()) contexts_since_ns_.store(0, std::memory_order_relaxed);
  if (slot_ != nullptr) slot_->asking_labels.store(false, std::memory_order_relaxed);
}

void IsolateSampler::OnInterrupt(v8::Isolate*, void* data) {
  IsolateSampler* self = SamplerNumbers::Get().Find(reinterpret_cast<uintptr_t>(data));
  if (self == nullptr) return;
  self->interrupt_pending_.store(false, std::memory_order_release);
  self->AtSafepoint();
}

void IsolateSampler::OnGcPrologue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* self = static_cast<IsolateSampler*>(data);
  ThreadSlot& slot = *self->slot_;
  const bool outermost = slot.gc_depth.load(std::memory_order_relaxed) == 0;
  const bool moves_all = (type & v8::kGCTypeMarkSweepCompact) != 0;
  if (outermost) slot.gc_type.store(static_cast<uint8_t>(type), std::memory_order_relaxed);
  // Before the drain: a sample that came between the two would copy addresses
  // that nobody looks at until they are stale.
  slot.gc_depth.fetch_add(1, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (outermost && !moves_all && self->KeepRecords(Occasion::kBeforeGc)) return;
  if (outermost || (moves_all && !self->kept_.empty())) self->DrainRecords(Occasion::kBeforeGc);
}

void IsolateSampler::OnGcEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* self = static_cast<IsolateSampler*>(data);
  ThreadSlot& slot = *self->slot_;
  // Sampling may have begun inside a collection.
  if (slot.gc_depth.load(std::memory_order_relaxed) == 0) return;
  if (type & v8::kGCTypeMarkSweepCompact) {
    self->resolver_->ForgetAddresses();
  } else {
    self->resolver_->ForgetFunctions();
  }
  if (slot.gc_depth.load(std::memory_order_relaxed) == 1 && !self->KeepRecords(Occasion::kAfterGc)) {
    self->DrainRecords(Occasion::kAfterGc);
  }
  slot.gc_depth.fetch_sub(1, std::memory_order_relaxed);
}

void IsolateSampler::Drain() {
  if (slot_ != nullptr) DrainRecords(Occasion::kAnyTime);
}

// Of the JS that called into here.
std::span<const uint64_t> IsolateSampler::WalkOwnStack() {
  machine::Registers here{};
  here.fp = reinterpret_cast<uint64_t>(__builtin_frame_address(0));
  here.sp = here.fp;
  here.pc = reinterpret_cast<uint64_t>(__builtin_return_address(0));
  bool truncated = false;
  size_t words = WalkStack_signal(bounds_, here, walk_buffer_.data(), &truncated);
  return {walk_buffer_.data(), words};
}

const HeapReader* IsolateSampler::HeapAtSafepoint() {
  if (!started()) return nullptr;
  resolver_->BeginSafepoint();
  return &resolver_->heap();
}

std::span<const LocationId> IsolateSampler::OwnStack() {
  return resolver_->Resolve(WalkOwnStack(), false);
}

uint64_t IsolateSampler::Walk() {
  walked_ = {};
  if (!started()) return 0;
  walked_ = WalkOwnStack();
  return builtins_.loaded() ? resolver_->KeyOf(walked_) : 0;
}

std::span<const LocationId> IsolateSampler::Resolve() {
  if (walked_.empty()) return {&unresolved_location_, 1};
  resolver_->BeginSafepoint();
  return resolver_->Resolve(walked_, false);
}

// Keeps the sampler thread off the slot, and waits for a signal that is under way:
// it is delivered when this thread next returns from the kernel. One that is not is
// blocked, or other code got it; it is taken back.
bool IsolateSampler::ClaimSlot() {
  for (int i = 0; i < 1000; ++i) {
    if (slot_->Exchange_signal(SlotOwner::kNone, SlotOwner::kClaimed)) return true;
    sched_yield();
  }
  if (!slot_->Exchange_signal(SlotOwner::kSignalled, SlotOwner::kClaimed)) return false;
  SamplingSignal::DiscardPending();
  return true;
}

bool IsolateSampler::SampleSelf(OwnSample* sample) {
  if (!started() || !builtins_.loaded()) return false;
  if (own_slot_ == nullptr) {
    auto slot = std::make_unique<ThreadSlot>();
    if (!slot->ring.Init(2 * kMaxRecordWords)) return false;
    slot->bounds = &bounds_;
    own_slot_ = std::move(slot);
  }
  if (!ClaimSlot()) return false;
  own_slot_->owner.store(SlotOwner::kSignalled, std::memory_order_release);
  SetCurrentThreadSlot(own_slot_.get());
  // To oneself it comes before the call returns, if not blocked.
  const bool sent = SamplingSignal::Send(CurrentThreadId());
  const bool arrived = own_slot_->owner.exchange(SlotOwner::kNone, std::memory_order_acq_rel) == SlotOwner::kNone;
  if (sent && !arrived) SamplingSignal::DiscardPending();
  SetCurrentThreadSlot(slot_.get());
  ReleaseSlot();
  std::span<const uint64_t> record = own_slot_->ring.Front();
  if (!arrived || record.empty()) return false;
  slot_->draining.store(true, std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    resolver_->BeginSafepoint();
    resolver_->ForgetAll();  // nothing of it from the caches
    uint64_t inlined = resolver_->inlined_count();
    std::span<const LocationId> stack =
        resolver_->Resolve(record.subspan(RecordHeader::kWords), true);
    sample->stack.assign(stack.begin(), stack.end());
    sample->inlined = resolver_->inlined_count() - inlined;
  }
  own_slot_->ring.Pop();
  slot_->draining.store(false, std::memory_order_relaxed);
  return true;
}

void IsolateSampler::AtSafepoints(void (*task)(void*), void* argument) {
  task_ = task;
  task_argument_ = argument;
}

// The collection's own frames above the stack that triggered it. That stack is
// still there when the collection ends, with its slots updated: walked only
// then, a collection that met no sample costs nothing.
std::span<const LocationId> IsolateSampler::GcStack(uint8_t gc_type, std::span<const uint64_t> below) {
  scratch_.clear();
  scratch_.push_back(code_->SyntheticLocation(GcName(gc_type)));
  scratch_.push_back(gc_location_);
  std::span<const LocationId> triggered_by = own_frames_.Collapse(resolver_->Resolve(below, false));
  scratch_.insert(scratch_.end(), triggered_by.begin(), triggered_by.end());
  return scratch_;
}

IsolateSampler::ElapsedTimes IsolateSampler::TakeElapsed() {
  const uint64_t cpu = ThreadCpuNs_signal(), now = MonotonicNs_signal();
  const uint64_t idle = uv_metrics_idle_time(loop_);
  const WallTime wall = SplitWall_signal(*slot_, now, idle);
  const ElapsedTimes elapsed{{cpu - slot_->last_cpu_ns, wall.here_ns}, wall.parked_ns};
  slot_->last_cpu_ns = cpu;
  slot_->last_wall_ns = now;
  slot_->last_idle_ns = idle;
  return elapsed;
}

void IsolateSampler::DrainToNow() {
  if (!started()) return;
  const bool claimed = ClaimSlot();
  DrainRecords(Occasion::kToNow, claimed);
  if (!claimed) return;
  const ElapsedTimes elapsed = TakeElapsed();
  slot_->samples.fetch_add(1, std::memory_order_relaxed);
  // Who watches it would not label this sample's epoch, and the profile wait for it.
  contexts_.sample_counter()->fetch_add(1, std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    resolver_->BeginSafepoint();
    contexts_.BeginDrain();
    if (elapsed.waited_ns > 0) sessions_.AddToLast({0, elapsed.waited_ns});
    sessions_.Add(own_frames_.Collapse(OwnStack()), elapsed.here, CurrentContext());
  }
  ReleaseSlot();
}

void IsolateSampler::DrainRecords(Occasion occasion, bool claimed) {
  if (slot_->draining.load(std::memory_order_relaxed) || (slot_->ring.empty() && kept_.empty())) return;
  // In the first ms the builtins are still being read: their names, and lines in
  // Sparkplug's code, are not known. Records can wait, but not beyond a collection.
  if (occasion == Occasion::kAnyTime && !builtins_.loaded()) return;
  slot_->draining.store(true, std::memory_order_relaxed);
  uint64_t start = MonotonicNs_signal();
  // Without records for it, what the thread did since would count as ours.
  const bool refused = slot_->refused.exchange(false, std::memory_order_relaxed);
  const bool claimed_here = refused && !claimed && ClaimSlot();
  const bool fills_gap = refused && (claimed || claimed_here);
  const ElapsedTimes gap = fills_gap ? TakeElapsed() : ElapsedTimes{};
  std::lock_guard lock(mutex_);
  resolver_->BeginSafepoint();
  contexts_.BeginDrain();
  slot_->first_waiting_ns.store(0, std::memory_order_relaxed);
  kept_.Each([&](std::span<const uint64_t> record) { AddRecord(record, Occasion::kAnyTime); });
  kept_.Clear();
  // Records that arrive while draining are few (kDrain); bounded all the same.
  for (size_t budget = slot_->ring.capacity_words(); budget > 0; --budget) {
    std::span<const uint64_t> record = slot_->ring.Front();
    if (record.empty()) break;
    AddRecord(record, occasion);
    slot_->ring.Pop();
  }
  if (fills_gap) {
    if (gap.waited_ns > 0) sessions_.AddToLast({0, gap.waited_ns});
    sessions_.EndLast(gap.here);
  }
  if (claimed_here) ReleaseSlot();
  contexts_.EndDrain();
  EndWork(start);
}

// What a drain, or taking records to be kept, ends with.
void IsolateSampler::EndWork(uint64_t start_ns) {
  uint64_t end = MonotonicNs_signal();
  if (contexts_.pending() && contexts_since_ns_.load(std::memory_order_relaxed) == 0) {
    contexts_since_ns_.store(end, std::memory_order_relaxed);
  }
  drain_time_.Record_signal(end - start_ns);
  slot_->draining.store(false, std::memory_order_relaxed);
}

void IsolateSampler::AddRecord(std::span<const uint64_t> record, Occasion occasion) {
  const RecordHeader header = UnpackHeader(record);
  const SessionProfiles::Times times{header.cpu_ns, header.wall_ns};
  if (header.waited_ns > 0) sessions_.AddToLast({0, header.waited_ns});
  switch (header.kind) {
    case RecordKind::kRest:
      return sessions_.EndLast(times);
    case RecordKind::kNotSampled:
      return sessions_.AddAlone({&not_sampled_location_, 1}, times);
    case RecordKind::kDrain:
      return sessions_.Add({&drain_location_, 1}, times, 0);
    case RecordKind::kGc:
      // What was copied inside the collection may have moved. The code that
      // triggered it is still in the same context.
      if (occasion == Occasion::kAfterGc) {
        return sessions_.Add(GcStack(header.gc_type, WalkOwnStack()), times, CurrentContext());
      }
      return sessions_.Add(GcStack(header.gc_type, record.subspan(RecordHeader::kWords)), times,
                           record.size() > RecordHeader::kWords ? header.context : 0);
    case RecordKind::kStack:
      return sessions_.Add(ResolveRecord(record, header), times, header.context);
  }
}

bool IsolateSampler::KeepRecords(Occasion occasion) {
  if (slot_->draining.load(std::memory_order_relaxed) || slot_->ring.empty()) return true;
  if (!builtins_.loaded() || slot_->refused.load(std::memory_order_relaxed) || kept_.full()) return false;
  slot_->draining.store(true, std::memory_order_relaxed);
  const uint64_t start = MonotonicNs_signal();
  resolver_->BeginSafepoint();
  contexts_.BeginDrain();
  for (size_t budget = slot_->ring.capacity_words(); budget > 0; --budget) {
    std::span<const uint64_t> record = slot_->ring.Front();
    if (record.empty()) break;
    if (occasion == Occasion::kAfterGc && UnpackHeader(record).kind == RecordKind::kGc) {
      kept_.AddCollection(record, WalkOwnStack(), CurrentContext(), *resolver_);
    } else {
      kept_.Add(record, *resolver_);
    }
    slot_->ring.Pop();
  }
  const bool all_last = kept_.MakeLasting(*resolver_, contexts_);
  EndWork(start);
  return all_last;
}

std::span<const LocationId> IsolateSampler::ResolveRecord(std::span<const uint64_t> record,
                                                          const RecordHeader& header) {
  std::span<const LocationId> stack =
      own_frames_.Collapse(resolver_->Resolve(record.subspan(RecordHeader::kWords), true));
  if (!header.truncated) return stack;
  ++totals_.truncated_stacks;
  scratch_.assign(stack.begin(), stack.end());
  scratch_.push_back(truncated_location_);
  return scratch_;
}

PeriodCounters IsolateSampler::Totals_locked() {
  PeriodCounters totals = totals_;
  if (resolver_ != nullptr) totals.unresolved_frames = resolver_->unresolved_count();
  if (slot_ != nullptr) {
    totals.samples += slot_->samples.load(std::memory_order_relaxed);
    totals.unanswered_ns += slot_->unanswered_ns.load(std::memory_order_relaxed);
    totals.ring_full += slot_->ring_full.load(std::memory_order_relaxed);
    totals.idle_ns += uv_metrics_idle_time(loop_) - idle_at_start_ns_;
  }
  return totals;
}

void IsolateSampler::OpenSession(uint32_t id) {
  std::lock_guard lock(mutex_);
  sessions_.Open(id, Totals_locked());
}

TakenProfile IsolateSampler::TakeSession(uint32_t id, bool reopen) {
  std::lock_guard lock(mutex_);
  return sessions_.Take(id, reopen, Totals_locked());
}

IsolateSampler::Stats IsolateSampler::stats() {
  std::lock_guard lock(mutex_);
  Stats stats;
  stats.totals = Totals_locked();
  stats.handler = slot_ != nullptr ? slot_->handler_time.Summarize() : last_handler_time_;
  stats.drain = drain_time_.Summarize();
  stats.labelling = labelling_time_.Summarize();
  stats.contexts = contexts_.counts();
  stats.ready = builtins_.loaded();
  stats.bytes_held = sessions_.bytes_held() + (resolver_ != nullptr ? resolver_->bytes_held() : 0);
  return stats;
}

}  // namespace hotspan
