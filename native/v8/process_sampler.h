#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "../platform/sampler_thread.h"
#include "builtins.h"
#include "isolate_sampler.h"
#include "layout.h"

namespace hotspan {

// What all isolates of the process share: the sampler thread, the signal, the
// layout of V8. Never destroyed: static destruction runs while threads of the
// app still may.
class ProcessSampler {
 public:
  // The one instance; null, with a one-line reason, where this V8 cannot be
  // sampled.
  static ProcessSampler* Get(std::string* why);

  // Makes the sampler of an isolate that is to be sampled.
  std::unique_ptr<IsolateSampler> CreateIsolateSampler(v8::Isolate* isolate, uv_loop_t* loop);

  // Begins and ends sampling of an isolate; the first one starts the thread,
  // the last one ends it. False and a one-line reason on failure; nothing is
  // changed then.
  bool Start(IsolateSampler& isolate, const IsolateSampler::Options& options, uint64_t period_ns,
             std::string* why);
  void Stop(IsolateSampler& isolate);

  // Holds `signals` back until the profile is finished; see TerminationWatch.
  void WatchSignals(std::span<const int> signals);

  const Layout& layout() const { return layout_; }

 private:
  explicit ProcessSampler(const Layout& layout) : layout_(layout) {}

  const Layout layout_;
  Builtins builtins_;
  bool loading_ = false;
  SamplerThread thread_;
  // Guards started_ and the thread's start and end.
  std::mutex mutex_;
  int started_ = 0;
};

}  // namespace hotspan
