#include "process_sampler.h"

#include <atomic>

#include "../platform/guarded_read.h"
#include "../platform/sampling_signal.h"
#include "../platform/termination.h"
#include "sample_handler_signal.h"

namespace hotspan {

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
    result.sampler = new ProcessSampler(*layout);
    return result;
  }();
  *why = made.why;
  return made.sampler;
}

namespace {

// For the signal handler, which has no argument to carry it.
std::atomic<SamplerThread*> g_watching{nullptr};

void WakeSampler_signal() {
  if (SamplerThread* thread = g_watching.load(std::memory_order_acquire)) thread->Wake_signal();
}

}  // namespace

void ProcessSampler::WatchSignals(std::span<const int> signals) {
  std::lock_guard lock(mutex_);
  if (started_ == 0) return;
  g_watching.store(&thread_, std::memory_order_release);
  TerminationWatch::Install(signals, WakeSampler_signal);
}

std::unique_ptr<IsolateSampler> ProcessSampler::CreateIsolateSampler(v8::Isolate* isolate,
                                                                     uv_loop_t* loop) {
  return std::make_unique<IsolateSampler>(isolate, loop, layout_, builtins_);
}

bool ProcessSampler::Start(IsolateSampler& isolate, const IsolateSampler::Options& options,
                           uint64_t period_ns, std::string* why) {
  std::lock_guard lock(mutex_);
  if (isolate.started()) return true;
  if (!SamplingSignal::Install(HandleSample_signal, why)) return false;
  if (!loading_) {
    AddressRange embedded = isolate.embedded_code();
    builtins_.LoadInBackground(embedded.start, embedded.limit);
    loading_ = true;
  }
  if (started_ == 0 && !thread_.Start(period_ns, why)) {
    SamplingSignal::Uninstall();
    return false;
  }
  if (!isolate.Start(options, thread_, why)) {
    if (started_ == 0) {
      thread_.Stop();
      SamplingSignal::Uninstall();
    }
    return false;
  }
  ++started_;
  return true;
}

void ProcessSampler::Stop(IsolateSampler& isolate) {
  std::lock_guard lock(mutex_);
  if (!isolate.started()) return;
  isolate.Stop();
  if (--started_ == 0) {
    TerminationWatch::Uninstall();
    thread_.Stop();
    SamplingSignal::Uninstall();
  }
}

}  // namespace hotspan
