#include "process_sampler.h"

#include <time.h>

#include <algorithm>
#include <atomic>

#include "../platform/elf_symbols.h"
#include "../platform/guarded_read.h"
#include "../platform/memory_map.h"
#include "../platform/sampling_signal.h"
#include "../platform/termination.h"
#include "../platform/thread_clock.h"
#include "sample_handler_signal.h"
#include "walk_area.h"

namespace hotspan {
namespace {

// For the signal handler, which has no argument to carry it.
std::atomic<SamplerThread*> g_watching{nullptr};

void WakeSampler_signal() {
  if (SamplerThread* thread = g_watching.load(std::memory_order_acquire)) thread->Wake_signal();
}

std::vector<Label> ThreadLabel(std::string thread) { return {{"thread", std::move(thread)}}; }

}  // namespace

ProcessSampler* ProcessSampler::Get(std::string* why) {
  struct Made {
    ProcessSampler* sampler = nullptr;
    std::string why;
  };
  static const Made made = [] {
    Made result;
    std::optional<Layout> layout = Layout::Load(&result.why);
    if (!layout) return result;
    if (!GuardedReadAvailable()) {
      result.why = "neither process_vm_readv nor /proc/self/mem may be used in this sandbox";
      return result;
    }
    // V8's builtins are known by their symbols alone.
    std::unique_ptr<ElfFile> binary = ElfFile::Open(ExecutablePath());
    if (binary == nullptr || !binary->has_all_symbols()) {
      result.why = binary == nullptr ? "the file of this node binary cannot be read"
                                     : "this node binary was stripped of its symbols";
      return result;
    }
    result.sampler = new ProcessSampler(*layout);
    return result;
  }();
  *why = made.why;
  return made.sampler;
}

ProcessSampler::ProcessSampler(const Layout& layout)
    : layout_(layout), code_(std::make_shared<CodeTable>()), watcher_(code_) {}

void ProcessSampler::WatchSignals(std::span<const int> signals) {
  std::lock_guard lock(mutex_);
  if (!started_) return;
  g_watching.store(&thread_, std::memory_order_release);
  TerminationWatch::Install(signals, WakeSampler_signal);
}

std::unique_ptr<IsolateSampler> ProcessSampler::CreateIsolateSampler(v8::Isolate* isolate,
                                                                     uv_loop_t* loop,
                                                                     std::string thread) {
  return std::make_unique<IsolateSampler>(isolate, loop, std::move(thread), layout_, builtins_,
                                          code_);
}

bool ProcessSampler::Start(const Options& options, IsolateSampler& caller, std::string* why) {
  {
    std::lock_guard lock(mutex_);
    if (started_) return caller.started() || Attach_locked(caller, why);
    options_ = options;
    if (!SamplingSignal::Install(HandleSample_signal, why)) return false;
    if (Attach_locked(caller, why)) {
      for (IsolateSampler* isolate : isolates_) {
        isolate->set_native_frames(options.native_frames);
        isolate->SkipToNow();
      }
      watcher_.Start(options.period_ns, options.native_frames != NativeFrames::kNone);
      thread_.Add(&watcher_);
      started_ = thread_.Start(options.period_ns, why);
      if (started_) return true;
      thread_.Remove(&watcher_);
      watcher_.Stop();
    }
    SamplingSignal::Uninstall();
  }
  Detach(caller);
  return false;
}

void ProcessSampler::Stop(IsolateSampler& caller) {
  {
    std::lock_guard lock(mutex_);
    if (started_) {
      started_ = false;
      TerminationWatch::Uninstall();
      thread_.Stop();
      thread_.Remove(&watcher_);
      watcher_.Stop();
      SamplingSignal::Uninstall();
    }
  }
  Detach(caller);
}

bool ProcessSampler::started() {
  std::lock_guard lock(mutex_);
  return started_;
}

bool ProcessSampler::Attach(IsolateSampler& isolate, std::string* why) {
  std::lock_guard lock(mutex_);
  return Attach_locked(isolate, why);
}

bool ProcessSampler::Attach_locked(IsolateSampler& isolate, std::string* why) {
  if (isolate.started()) return true;
  if (!loading_) {
    AddressRange embedded = EmbeddedCode(isolate.isolate());
    builtins_.LoadInBackground(embedded.start, embedded.limit);
    loading_ = true;
  }
  if (!isolate.Start({options_.native_frames, options_.own_directory}, thread_, why)) return false;
  for (const Session& session : sessions_) isolate.OpenSession(session.id);
  isolates_.push_back(&isolate);
  watcher_.Exclude(isolate.thread_id(), isolate.thread());
  return true;
}

void ProcessSampler::Detach(IsolateSampler& isolate) {
  if (!isolate.started()) return;
  isolate.DrainToNow();
  std::lock_guard lock(mutex_);
  isolate.Stop();
  std::erase(isolates_, &isolate);
  watcher_.Include(isolate.thread_id(), isolate.thread());
  ended_totals_ += isolate.stats().totals;
  for (Session& session : sessions_) Retire(session, isolate);
}

// Threads may come and go by the thousand in a period: what they leave is
// merged, so that it costs what distinct stacks cost.
void ProcessSampler::Retire(Session& session, IsolateSampler& isolate) {
  TakenProfile taken = isolate.TakeSession(session.id, false);
  if (taken.profile == nullptr) return;
  session.ended_counters += taken.counters;
  const std::vector<LabelSetId> ids =
      session.ended->labels().Adopt(taken.profile->labels(), ThreadLabel(isolate.thread()));
  session.ended->Merge(*taken.profile, [&](LabelSetId id) { return ids[id]; });
}

void ProcessSampler::OpenEnded(Session& session) {
  session.ended = std::make_shared<StackProfile>(code_);
  session.ended_counters = {};
}

uint32_t ProcessSampler::OpenSession(IsolateSampler& caller) {
  caller.DrainToNow();  // time before this belongs to others
  std::lock_guard lock(mutex_);
  Session& session = sessions_.emplace_back();
  session.id = next_session_++;
  OpenEnded(session);
  for (IsolateSampler* isolate : isolates_) isolate->OpenSession(session.id);
  watcher_.OpenSession(session.id);
  return session.id;
}

size_t ProcessSampler::RequestLastSamples(const IsolateSampler& caller) {
  std::lock_guard lock(mutex_);
  size_t asked = 0;
  for (IsolateSampler* isolate : isolates_) {
    if (isolate == &caller) continue;
    isolate->RequestDrainToNow();
    ++asked;
  }
  return asked;
}

void ProcessSampler::AwaitLastSamples(int patience_ms, const IsolateSampler& caller) {
  if (RequestLastSamples(caller) == 0) return;
  uint64_t deadline = MonotonicNs_signal() + static_cast<uint64_t>(patience_ms) * 1'000'000;
  while (true) {
    {
      std::lock_guard lock(mutex_);
      bool all = std::all_of(isolates_.begin(), isolates_.end(), [&](const IsolateSampler* i) {
        return i == &caller || i->answered();
      });
      if (all || MonotonicNs_signal() >= deadline) return;
    }
    timespec pause{0, 200'000};
    nanosleep(&pause, nullptr);
  }
}

bool ProcessSampler::TakeSession(uint32_t id, bool reopen, int patience_ms,
                                 IsolateSampler& caller, TakenSession* taken) {
  // A session that goes on loses nothing by a swap alone: what waits in the rings
  // is in its next profile. Resolving it here would stall the app: only for who
  // has patience.
  if (!reopen || patience_ms > 0) {
    if (patience_ms > 0) AwaitLastSamples(patience_ms, caller);
    caller.DrainToNow();
  }
  std::lock_guard lock(mutex_);
  auto session = std::find_if(sessions_.begin(), sessions_.end(),
                              [&](const Session& s) { return s.id == id; });
  if (session == sessions_.end()) return false;
  for (IsolateSampler* isolate : isolates_) {
    TakenProfile part = isolate->TakeSession(id, reopen);
    if (part.profile == nullptr) continue;
    taken->counters += part.counters;
    taken->idle.push_back({isolate->thread(), part.counters.idle_ns});
    taken->parts.push_back({std::move(part.profile), ThreadLabel(isolate->thread()), {}});
  }
  taken->parts.push_back(watcher_.TakeSession(id, reopen));
  taken->counters += session->ended_counters;
  taken->parts.push_back({std::move(session->ended), {}, {}});
  if (reopen) {
    OpenEnded(*session);
  } else {
    sessions_.erase(session);
  }
  return true;
}

PeriodCounters ProcessSampler::totals() {
  std::lock_guard lock(mutex_);
  PeriodCounters totals = ended_totals_;
  for (IsolateSampler* isolate : isolates_) totals += isolate->stats().totals;
  return totals;
}

size_t ProcessSampler::bytes_held() {
  std::lock_guard lock(mutex_);
  size_t bytes = code_->bytes_held() + watcher_.bytes_held();
  for (IsolateSampler* isolate : isolates_) bytes += isolate->stats().bytes_held;
  for (const Session& session : sessions_) bytes += session.ended->bytes_held();
  return bytes;
}

}  // namespace hotspan
