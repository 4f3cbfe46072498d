// The N-API face of the engine: argument checks and lifetimes, no logic.

#include <napi.h>
#include <node.h>
#include <uv.h>
#include <v8.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../core/pprof_encoder.h"
#include "../platform/sampling_signal.h"
#include "../platform/thread_clock.h"
#include "../v8/isolate_sampler.h"
#include "../v8/native_names.h"
#include "../v8/process_heap.h"
#include "../v8/process_sampler.h"
#include "environment.h"
#include "gzip_face.h"

namespace hotspan {
namespace {

// A profile that was taken and can be encoded, once or several times.
using Snapshot = std::vector<ProfilePart>;

// probe(): string | undefined — why this process cannot be sampled.
Napi::Value Probe(const Napi::CallbackInfo& info) {
  std::string why;
  if (ProcessSampler::Get(&why) != nullptr) return info.Env().Undefined();
  return Napi::String::New(info.Env(), why);
}

ProcessSampler& RequireProcess(Napi::Env env) {
  std::string why;
  ProcessSampler* process = ProcessSampler::Get(&why);
  if (process == nullptr) throw EngineError(env, why);
  return *process;
}

// This thread's sampler, made when there is none; `thread` is its label.
IsolateSampler& SamplerOf(Napi::Env env, const std::string& thread) {
  ProcessSampler& process = RequireProcess(env);
  Environment& environment = EnvironmentOf(env);
  if (environment.sampler == nullptr) {
    uv_loop_t* loop = nullptr;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) throw EngineError(env, "no event loop");
    environment.sampler = process.CreateIsolateSampler(v8::Isolate::GetCurrent(), loop, thread);
  }
  return *environment.sampler;
}

// The same thread's heap, from when it is attached. It samples while sessions
// are open.
void AttachHeap(Napi::Env env) {
  Environment& environment = EnvironmentOf(env);
  if (environment.heap.sampler != nullptr) return;
  ProcessSampler& process = RequireProcess(env);
  environment.heap.sampler = std::make_unique<HeapSampler>(
      v8::Isolate::GetCurrent(), *environment.sampler, process.builtins(), process.code());
  ProcessHeap::Get().Attach(*environment.heap.sampler);
}

void DetachHeap(Environment& environment) {
  if (environment.heap.sampler == nullptr) return;
  ProcessHeap::Get().Detach(*environment.heap.sampler);
  environment.heap.sampler.reset();
}

// started(): whether sampling is on in this process.
Napi::Value Started(const Napi::CallbackInfo& info) {
  std::string why;
  ProcessSampler* process = ProcessSampler::Get(&why);
  return Napi::Boolean::New(info.Env(), process != nullptr && process->started());
}

// attach(thread): adds this thread to those that are sampled, now or once
// sampling starts; `thread` is what samples call it.
void Attach(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string why;
  if (!RequireProcess(env).Attach(SamplerOf(env, info[0].As<Napi::String>()), &why)) {
    throw EngineError(env, why);
  }
  AttachHeap(env);
}

// start({ periodNs, nativeFrames: 'all' | 'leaf' | 'none', thread, ownDirectory }): begins to
// sample all attached threads and this one.
void Start(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Napi::Object options = info[0].As<Napi::Object>();
  ProcessSampler::Options process_options;
  std::string frames = options.Get("nativeFrames").As<Napi::String>();
  process_options.native_frames = frames == "all"    ? NativeFrames::kAll
                                  : frames == "none" ? NativeFrames::kNone
                                                     : NativeFrames::kLeaf;
  process_options.own_directory = options.Get("ownDirectory").As<Napi::String>();
  process_options.period_ns =
      static_cast<uint64_t>(options.Get("periodNs").As<Napi::Number>().Int64Value());
  std::string why;
  IsolateSampler& sampler = SamplerOf(env, options.Get("thread").As<Napi::String>());
  if (!RequireProcess(env).Start(process_options, sampler, &why)) throw EngineError(env, why);
  AttachHeap(env);
  EnvironmentOf(env).started = true;
}

// stop(): ends sampling, in all threads.
void Stop(const Napi::CallbackInfo& info) {
  Environment& environment = EnvironmentOf(info.Env());
  if (environment.sampler == nullptr) return;
  DetachHeap(environment);
  RequireProcess(info.Env()).Stop(*environment.sampler);
  environment.started = false;
}

// signalLost(): boolean — other code took the sampling signal, and each one after it.
Napi::Value SignalLost(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), SamplingSignal::lost());
}

// watchSignals(signals: number[], finish: () => void, survived: () => void): holds
// the signals back until `finish` has run; `survived` runs after that in a process
// that the signal did not end. They must not throw.
void WatchSignals(const Napi::CallbackInfo& info) {
  Environment& environment = EnvironmentOf(info.Env());
  std::string why;
  ProcessSampler* process = ProcessSampler::Get(&why);
  if (process == nullptr || environment.sampler == nullptr) return;
  std::vector<int> signals;
  Napi::Array array = info[0].As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); ++i) {
    signals.push_back(array.Get(i).As<Napi::Number>().Int32Value());
  }
  environment.finish = Napi::Persistent(info[1].As<Napi::Function>());
  environment.survived = Napi::Persistent(info[2].As<Napi::Function>());
  static constexpr auto kCall = [](Napi::FunctionReference& function) {
    Napi::HandleScope scope(function.Env());
    try {
      function.Call({});
    } catch (const Napi::Error&) {
      // The process ends, and an error must not change how.
    }
  };
  environment.sampler->OnProcessEnd([](void* data) { kCall(static_cast<Environment*>(data)->finish); },
                                    [](void* data) { kCall(static_cast<Environment*>(data)->survived); }, &environment);
  process->WatchSignals(signals);
}

// sampleSelf(): { frames: { name, line }[], inlined, tableFull } | undefined — the functions
// that called this, as a sample finds them, leaf first; undefined when none could
// be taken.
Napi::Value SampleSelf(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  IsolateSampler::OwnSample sample;
  if (!StartedSampler(env).SampleSelf(&sample)) return env.Undefined();
  const CodeTable& code = *RequireProcess(env).code();
  Napi::Array frames = Napi::Array::New(env);
  for (LocationId id : sample.stack) {
    const Location& location = code.location(id);
    if (location.kind != LocationKind::kJs) continue;
    Napi::Object frame = Napi::Object::New(env);
    frame.Set("name", Napi::String::New(env, std::string(code.strings().Get(code.function_name(location.function)))));
    frame.Set("line", Napi::Number::New(env, location.line));
    frames.Set(frames.Length(), frame);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("frames", frames);
  result.Set("tableFull", Napi::Boolean::New(env, code.IsFull()));
  result.Set("inlined", Napi::Number::New(env, static_cast<double>(sample.inlined)));
  return result;
}

// openSession(): number
Napi::Value OpenSession(const Napi::CallbackInfo& info) {
  IsolateSampler& sampler = StartedSampler(info.Env());
  return Napi::Number::New(info.Env(), RequireProcess(info.Env()).OpenSession(sampler));
}

// requestLastSamples(): number — asks the other threads with JS for what they have
// sampled last, and says how many there are.
Napi::Value RequestLastSamples(const Napi::CallbackInfo& info) {
  size_t asked = RequireProcess(info.Env()).RequestLastSamples(StartedSampler(info.Env()));
  return Napi::Number::New(info.Env(), static_cast<double>(asked));
}

// takeSession(id, reopen, patienceMs): Snapshot
Napi::Value TakeSession(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  TakenSession taken;
  if (!RequireProcess(env).TakeSession(info[0].As<Napi::Number>().Uint32Value(),
                                       info[1].As<Napi::Boolean>().Value(),
                                       info[2].As<Napi::Number>().Int32Value(),
                                       StartedSampler(env), &taken)) {
    throw EngineError(env, "no such session");
  }
  Napi::Object result = Napi::Object::New(env);
  auto count = [&](const char* name, uint64_t value) {
    result.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  count("samples", taken.counters.samples);
  count("ringFull", taken.counters.ring_full);
  count("unresolvedFrames", taken.counters.unresolved_frames);
  count("truncatedStacks", taken.counters.truncated_stacks);
  count("unansweredNs", taken.counters.unanswered_ns);
  uint64_t overflow = 0;
  for (const ProfilePart& part : taken.parts) overflow += part.profile->overflow_count();
  count("stackTableFull", overflow);
  Napi::Array idle = Napi::Array::New(env, taken.idle.size());
  for (uint32_t i = 0; i < taken.idle.size(); ++i) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("thread", Napi::String::New(env, taken.idle[i].thread));
    entry.Set("ns", Napi::Number::New(env, static_cast<double>(taken.idle[i].ns)));
    idle.Set(i, entry);
  }
  result.Set("idle", idle);
  result.Set("handle", Napi::External<Snapshot>::New(env, new Snapshot(std::move(taken.parts)),
                                                     [](Napi::Env, Snapshot* s) { delete s; }));
  return result;
}

PprofOptions ReadPprofOptions(const Napi::Object& options) {
  PprofOptions pprof;
  pprof.sample_types = {{"samples", "count"}, {"cpu", "nanoseconds"}, {"wall", "nanoseconds"}};
  pprof.default_sample_type = "cpu";
  pprof.period_type = {"wall", "nanoseconds"};
  auto number = [&](const char* name) { return options.Get(name).As<Napi::Number>().Int64Value(); };
  pprof.period = number("periodNs");
  // Milliseconds since 1970 and a duration in ms: exact in a double.
  pprof.time_unix_ns = static_cast<int64_t>(options.Get("startMs").As<Napi::Number>().DoubleValue() * 1e6);
  pprof.duration_ns = static_cast<int64_t>(options.Get("durationMs").As<Napi::Number>().DoubleValue() * 1e6);
  Napi::Array comments = options.Get("comments").As<Napi::Array>();
  for (uint32_t i = 0; i < comments.Length(); ++i) {
    pprof.comments.push_back(comments.Get(i).As<Napi::String>());
  }
  return pprof;
}

class EncodeWorker final : public Napi::AsyncWorker {
 public:
  EncodeWorker(Napi::Env env, PprofOptions options, Snapshot parts)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        options_(std::move(options)),
        parts_(std::move(parts)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override { encoded_ = EncodePprof(options_, parts_, NameNativeFrames); }
  void OnOK() override {
    deferred_.Resolve(Napi::Buffer<char>::Copy(Env(), encoded_.data(), encoded_.size()));
  }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  PprofOptions options_;
  Snapshot parts_;
  std::string encoded_;
};

// labelLosses(handle): { dropped, awaiting }, in samples' contexts.
Napi::Value LabelLosses(const Napi::CallbackInfo& info) {
  auto* snapshot = info[0].As<Napi::External<Snapshot>>().Data();
  LabelSets::Counts counts;
  for (const ProfilePart& part : *snapshot) {
    const LabelSets::Counts more = part.profile->labels().counts();
    counts.dropped += more.dropped;
    counts.awaiting += more.awaiting;
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("dropped", Napi::Number::New(info.Env(), static_cast<double>(counts.dropped)));
  result.Set("awaiting", Napi::Number::New(info.Env(), static_cast<double>(counts.awaiting)));
  return result;
}

// encode(handle, options): Promise<Buffer>
Napi::Value Encode(const Napi::CallbackInfo& info) {
  auto* snapshot = info[0].As<Napi::External<Snapshot>>().Data();
  auto* worker = new EncodeWorker(info.Env(), ReadPprofOptions(info[1].As<Napi::Object>()), *snapshot);
  Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

// encodeSync(handle, options): Buffer — for the end of the process.
Napi::Value EncodeSync(const Napi::CallbackInfo& info) {
  auto* snapshot = info[0].As<Napi::External<Snapshot>>().Data();
  std::string encoded = EncodePprof(ReadPprofOptions(info[1].As<Napi::Object>()),
                                    *snapshot, NameNativeFrames);
  return Napi::Buffer<char>::Copy(info.Env(), encoded.data(), encoded.size());
}

// takeUnmapped(): the locations of scripts with a source map that were added
// since this environment's last call, by script.
Napi::Value TakeUnmapped(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Environment& environment = EnvironmentOf(env);
  const CodeTable& code = *RequireProcess(env).code();
  Napi::Array result = Napi::Array::New(env);
  std::unordered_map<ScriptId, Napi::Array> by_script;
  LocationId end = static_cast<LocationId>(code.location_count());
  for (LocationId id = environment.next_unmapped; id < end; ++id) {
    const Location& location = code.location(id);
    if (location.kind != LocationKind::kJs || location.line == 0) continue;
    const Function& function = code.function(location.function);
    if (function.script == kNoId) continue;
    auto [entry, added] = by_script.try_emplace(function.script);
    if (added) {
      const std::shared_ptr<const std::string> map = code.SourceMapUrl(function.script);
      if (map == nullptr) continue;  // the entry stays empty
      Napi::Object object = Napi::Object::New(env);
      entry->second = Napi::Array::New(env);
      object.Set("scriptId", Napi::Number::New(env, function.script));
      object.Set("url", Napi::String::New(env, std::string(code.strings().Get(code.script_file(function.script)))));
      object.Set("sourceMapUrl", Napi::String::New(env, *map));
      object.Set("locations", entry->second);
      result.Set(result.Length(), object);
    }
    if (entry->second.IsEmpty()) continue;
    Napi::HandleScope scope(env);
    Napi::Object object = Napi::Object::New(env);
    object.Set("id", Napi::Number::New(env, id));
    object.Set("line", Napi::Number::New(env, location.line));
    object.Set("column", Napi::Number::New(env, location.column));
    object.Set("functionName",
               Napi::String::New(env, std::string(code.strings().Get(code.function_name(location.function)))));
    object.Set("functionLine", Napi::Number::New(env, function.start_line));
    object.Set("functionColumn", Napi::Number::New(env, function.start_column));
    entry->second.Set(entry->second.Length(), object);
  }
  environment.next_unmapped = end;
  return result;
}

// setMapped(locations)
void SetMapped(const Napi::CallbackInfo& info) {
  CodeTable& code = *RequireProcess(info.Env()).code();
  Napi::Array locations = info[0].As<Napi::Array>();
  for (uint32_t i = 0; i < locations.Length(); ++i) {
    Napi::HandleScope scope(info.Env());
    Napi::Object object = locations.Get(i).As<Napi::Object>();
    auto number = [&](const char* name) { return object.Get(name).As<Napi::Number>().Uint32Value(); };
    uint32_t id = number("id");
    if (id >= code.location_count()) continue;
    MappedLocation mapped;
    mapped.file = code.strings().Intern(object.Get("file").As<Napi::String>().Utf8Value());
    mapped.line = number("line");
    mapped.column = number("column");
    mapped.function_start_line = number("functionStartLine");
    Napi::Value name = object.Get("functionName");
    if (name.IsString()) mapped.function_name = code.strings().Intern(name.As<Napi::String>().Utf8Value());
    code.SetMapped(id, mapped);
  }
}

Napi::Object SummaryObject(Napi::Env env, const Histogram::Summary& summary) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("count", Napi::Number::New(env, static_cast<double>(summary.count)));
  object.Set("totalMs", Napi::Number::New(env, static_cast<double>(summary.sum_ns) / 1e6));
  object.Set("p50Us", Napi::Number::New(env, static_cast<double>(summary.p50_ns) / 1e3));
  object.Set("p99Us", Napi::Number::New(env, static_cast<double>(summary.p99_ns) / 1e3));
  object.Set("maxUs", Napi::Number::New(env, static_cast<double>(summary.max_ns) / 1e3));
  return object;
}

// stats(): counters of the process since the first start, times of this thread;
// undefined before it was attached.
Napi::Value Stats(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Environment& environment = EnvironmentOf(env);
  if (environment.sampler == nullptr) return env.Undefined();
  IsolateSampler::Stats stats = environment.sampler->stats();
  ProcessSampler& process = RequireProcess(env);
  PeriodCounters totals = process.totals();
  Napi::Object object = Napi::Object::New(env);
  auto count = [&](const char* name, uint64_t value) {
    object.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  count("samples", totals.samples);
  count("ringFull", totals.ring_full);
  count("unresolvedFrames", totals.unresolved_frames);
  count("truncatedStacks", totals.truncated_stacks);
  count("bytesHeld", process.bytes_held() + ProcessHeap::Get().bytes_held());
  count("contextsResolved", stats.contexts.resolved);
  count("contextsDropped", stats.contexts.dropped);
  object.Set("ready", Napi::Boolean::New(env, stats.ready));
  object.Set("handler", SummaryObject(env, stats.handler));
  object.Set("drain", SummaryObject(env, stats.drain));
  object.Set("labelling", SummaryObject(env, stats.labelling));
  return object;
}

// The loop must not be left with our handles open: Node ends a worker (and
// checks its loop) only after every async cleanup hook is done.
void OnCleanup(napi_async_cleanup_hook_handle handle, void* data) {
  auto* environment = static_cast<Environment*>(data);
  environment->timers.StopAll();
  if (environment->sampler == nullptr) {
    napi_remove_async_cleanup_hook(handle);
    return;
  }
  std::string why;
  environment->sampler->OnProcessEnd(nullptr, nullptr, nullptr);
  environment->finish.Reset();
  environment->survived.Reset();
  environment->sampler->Drain();  // what is labelled already keeps its labels
  environment->sampler->DisableLabels();
  ProcessSampler* process = ProcessSampler::Get(&why);
  DetachHeap(*environment);
  if (environment->started) {
    process->Stop(*environment->sampler);
  } else {
    process->Detach(*environment->sampler);
  }
  environment->sampler->Close(
      [](void* hook) { napi_remove_async_cleanup_hook(static_cast<napi_async_cleanup_hook_handle>(hook)); },
      handle);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* environment = new Environment;
  env.SetInstanceData(environment);
  napi_add_async_cleanup_hook(env, OnCleanup, environment, &environment->cleanup);
  try {
    Export<Probe>(env, exports, "probe");
    Export<Started>(env, exports, "started");
    Export<Attach>(env, exports, "attach");
    Export<Start>(env, exports, "start");
    Export<Stop>(env, exports, "stop");
    Export<SignalLost>(env, exports, "signalLost");
    Export<WatchSignals>(env, exports, "watchSignals");
    Export<SampleSelf>(env, exports, "sampleSelf");
    Export<OpenSession>(env, exports, "openSession");
    Export<RequestLastSamples>(env, exports, "requestLastSamples");
    Export<TakeSession>(env, exports, "takeSession");
    Export<Encode>(env, exports, "encode");
    Export<EncodeSync>(env, exports, "encodeSync");
    Export<TakeUnmapped>(env, exports, "takeUnmapped");
    Export<SetMapped>(env, exports, "setMapped");
    ExportHeap(env, exports, environment->heap);
    Export<Stats>(env, exports, "stats");
    Export<LabelLosses>(env, exports, "labelLosses");
    ExportLabelFunctions(env, exports);
    ExportTimers(env, exports);
    ExportGzip(env, exports);
  } catch (const Napi::Error&) {
    // A worker that is terminated while it loads us.
  }
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)

}  // namespace hotspan
