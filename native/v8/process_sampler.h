#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "../core/pprof_encoder.h"
#include "../platform/sampler_thread.h"
#include "../threads/thread_watcher.h"
#include "builtins.h"
#include "isolate_sampler.h"
#include "layout.h"

namespace hotspan {

// A session's profile: of all threads, since it was opened or last taken.
struct TakenSession {
  std::vector<ProfilePart> parts;
  PeriodCounters counters;  // of all threads with JS, those that ended included
  struct Idle {
    std::string thread;
    uint64_t ns;  // waited in its event loop
  };
  std::vector<Idle> idle;  // of the threads alive
};

// What all isolates of the process share: the sampler thread, the signal, the
// layout of V8, the names of code, the sessions. Never destroyed: static
// destruction runs while threads of the app still may.
class ProcessSampler {
 public:
  struct Options {
    uint64_t period_ns = 0;  // mean time between two samples of a busy thread
    NativeFrames native_frames = NativeFrames::kLeaf;
    std::string own_directory;  // of hotspan's JavaScript, see OwnFrames
  };

  // The one instance; null, with a one-line reason, where this V8 cannot be
  // sampled.
  static ProcessSampler* Get(std::string* why);

  // Makes the sampler of an isolate that is to be sampled.
  std::unique_ptr<IsolateSampler> CreateIsolateSampler(v8::Isolate* isolate, uv_loop_t* loop,
                                                       std::string thread);

  // Begins and ends sampling of all attached threads, `caller`'s and those that
  // run no JS; idempotent. False and a one-line reason on failure; nothing is
  // changed then. `caller`: the calling thread's sampler.
  bool Start(const Options& options, IsolateSampler& caller, std::string* why);
  void Stop(IsolateSampler& caller);
  bool started();

  // Adds an isolate to those that are sampled (now, or once sampling starts) and
  // takes it away: to be called on its thread, before its loop and isolate end.
  // What was sampled of it stays in the sessions.
  bool Attach(IsolateSampler& isolate, std::string* why);
  void Detach(IsolateSampler& isolate);

  // Sessions collect the samples of all threads side by side. `caller`: the
  // calling thread's sampler.
  uint32_t OpenSession(IsolateSampler& caller);
  // Ends the session (or, `reopen`, its period). When it ends, waits up to
  // `patience_ms` for threads that run JS to hand over their last samples.
  // False: no such session.
  bool TakeSession(uint32_t id, bool reopen, int patience_ms, IsolateSampler& caller,
                   TakenSession* taken);
  // Asks the other threads with JS to hand over their last samples soon; returns
  // how many there are.
  size_t RequestLastSamples(const IsolateSampler& caller);

  // Holds `signals` back until the profile is finished; see TerminationWatch.
  void WatchSignals(std::span<const int> signals);

  const Builtins& builtins() const { return builtins_; }
  const std::shared_ptr<CodeTable>& code() const { return code_; }
  PeriodCounters totals();
  size_t bytes_held();

 private:
  explicit ProcessSampler(const Layout& layout);

  // What is kept of threads that ended, per session.
  struct Session {
    uint32_t id;
    std::shared_ptr<StackProfile> ended;
    PeriodCounters ended_counters;
  };
  bool Attach_locked(IsolateSampler& isolate, std::string* why);
  void Retire(Session& session, IsolateSampler& isolate);
  void OpenEnded(Session& session);
  void AwaitLastSamples(int patience_ms, const IsolateSampler& caller);

  const Layout layout_;
  const std::shared_ptr<CodeTable> code_;
  Builtins builtins_;
  bool loading_ = false;
  SamplerThread thread_;
  ThreadWatcher watcher_;
  // Guards what follows and the thread's start and end. Not held while V8 or a
  // drain runs on another thread's behalf.
  std::mutex mutex_;
  bool started_ = false;
  Options options_;
  std::vector<IsolateSampler*> isolates_;  // attached
  std::vector<Session> sessions_;
  uint32_t next_session_ = 1;
  PeriodCounters ended_totals_;
};

}  // namespace hotspan
