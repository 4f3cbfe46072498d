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
#include "../platform/thread_clock.h"
#include "../v8/isolate_sampler.h"
#include "../v8/native_names.h"
#include "../v8/process_sampler.h"

namespace hotspan {
namespace {

// All native state of one environment (a main thread or a worker).
struct Environment {
  Napi::FunctionReference finish;  // see WatchSignals
  std::unique_ptr<IsolateSampler> sampler;
  LocationId next_unmapped = 0;  // locations below were handed out already
  napi_async_cleanup_hook_handle cleanup = nullptr;
};

Environment& EnvironmentOf(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

// A profile that was taken and can be encoded, once or several times.
struct Snapshot {
  ProfilePart part;
  PeriodCounters counters;
};

Napi::Error EngineError(Napi::Env env, const std::string& why) {
  Napi::Error error = Napi::Error::New(env, why);
  error.Set("code", Napi::String::New(env, "HOTSPAN_ERR_ENGINE_UNAVAILABLE"));
  return error;
}

// probe(): string | undefined — why this process cannot be sampled.
Napi::Value Probe(const Napi::CallbackInfo& info) {
  std::string why;
  if (ProcessSampler::Get(&why) != nullptr) return info.Env().Undefined();
  return Napi::String::New(info.Env(), why);
}

// start({ periodNs, nativeFrames: 'all' | 'leaf' | 'none' })
void Start(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Napi::Object options = info[0].As<Napi::Object>();
  std::string why;
  ProcessSampler* process = ProcessSampler::Get(&why);
  if (process == nullptr) throw EngineError(env, why);
  Environment& environment = EnvironmentOf(env);
  if (environment.sampler == nullptr) {
    uv_loop_t* loop = nullptr;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) throw EngineError(env, "no event loop");
    environment.sampler = process->CreateIsolateSampler(v8::Isolate::GetCurrent(), loop);
  }
  IsolateSampler::Options sampler_options;
  std::string frames = options.Get("nativeFrames").As<Napi::String>();
  sampler_options.native_frames = frames == "all"    ? NativeFrames::kAll
                                  : frames == "none" ? NativeFrames::kNone
                                                     : NativeFrames::kLeaf;
  auto period_ns = static_cast<uint64_t>(options.Get("periodNs").As<Napi::Number>().Int64Value());
  if (!process->Start(*environment.sampler, sampler_options, period_ns, &why)) {
    throw EngineError(env, why);
  }
}

// stop()
void Stop(const Napi::CallbackInfo& info) {
  std::string why;
  ProcessSampler* process = ProcessSampler::Get(&why);
  Environment& environment = EnvironmentOf(info.Env());
  if (process != nullptr && environment.sampler != nullptr) process->Stop(*environment.sampler);
}

// watchSignals(signals: number[], finish: () => void): holds the signals back
// until `finish` has run; it must not throw.
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
  environment.sampler->OnProcessEnd(
      [](void* data) {
        Napi::FunctionReference& finish = static_cast<Environment*>(data)->finish;
        Napi::HandleScope scope(finish.Env());
        try {
          finish.Call({});
        } catch (const Napi::Error&) {
          // The process ends; there is nobody left to tell.
        }
      },
      &environment);
  process->WatchSignals(signals);
}

IsolateSampler& StartedSampler(Napi::Env env) {
  Environment& environment = EnvironmentOf(env);
  if (environment.sampler == nullptr) throw EngineError(env, "the engine was never started");
  return *environment.sampler;
}

// openSession(): number
Napi::Value OpenSession(const Napi::CallbackInfo& info) {
  IsolateSampler& sampler = StartedSampler(info.Env());
  sampler.DrainToNow();  // time before this belongs to others
  return Napi::Number::New(info.Env(), sampler.OpenSession());
}

// takeSession(id, reopen): Snapshot
Napi::Value TakeSession(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  IsolateSampler& sampler = StartedSampler(env);
  bool reopen = info[1].As<Napi::Boolean>().Value();
  // A session that goes on loses nothing by a swap alone: what waits in the ring
  // is in its next profile. Resolving it here would stall the app.
  if (!reopen) sampler.DrainToNow();
  TakenProfile taken = sampler.TakeSession(info[0].As<Napi::Number>().Uint32Value(), reopen);
  if (taken.profile == nullptr) throw EngineError(env, "no such session");
  auto* snapshot = new Snapshot;
  snapshot->part.profile = std::move(taken.profile);
  snapshot->part.labels.push_back({"thread", "main"});
  snapshot->counters = taken.counters;
  Napi::Object result = Napi::Object::New(env);
  result.Set("handle", Napi::External<Snapshot>::New(env, snapshot, [](Napi::Env, Snapshot* s) {
               delete s;
             }));
  auto count = [&](const char* name, uint64_t value) {
    result.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  count("samples", snapshot->counters.samples);
  count("ringFull", snapshot->counters.ring_full);
  count("unresolvedFrames", snapshot->counters.unresolved_frames);
  count("truncatedStacks", snapshot->counters.truncated_stacks);
  count("idleNs", snapshot->counters.idle_ns);
  count("stackTableFull", snapshot->part.profile->overflow_count());
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
  EncodeWorker(Napi::Env env, PprofOptions options, ProfilePart part)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        options_(std::move(options)),
        part_(std::move(part)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override { encoded_ = EncodePprof(options_, {&part_, 1}, NameNativeFrames); }
  void OnOK() override {
    deferred_.Resolve(Napi::Buffer<char>::Copy(Env(), encoded_.data(), encoded_.size()));
  }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  PprofOptions options_;
  ProfilePart part_;
  std::string encoded_;
};

// encode(handle, options): Promise<Buffer>
Napi::Value Encode(const Napi::CallbackInfo& info) {
  auto* snapshot = info[0].As<Napi::External<Snapshot>>().Data();
  auto* worker = new EncodeWorker(info.Env(), ReadPprofOptions(info[1].As<Napi::Object>()), snapshot->part);
  Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

// encodeSync(handle, options): Buffer — for the end of the process.
Napi::Value EncodeSync(const Napi::CallbackInfo& info) {
  auto* snapshot = info[0].As<Napi::External<Snapshot>>().Data();
  std::string encoded = EncodePprof(ReadPprofOptions(info[1].As<Napi::Object>()),
                                    {&snapshot->part, 1}, NameNativeFrames);
  return Napi::Buffer<char>::Copy(info.Env(), encoded.data(), encoded.size());
}

// takeUnmapped(): the locations of scripts with a source map that were added
// since the last call, by script.
Napi::Value TakeUnmapped(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Environment& environment = EnvironmentOf(env);
  Napi::Array result = Napi::Array::New(env);
  if (environment.sampler == nullptr || environment.sampler->scripts() == nullptr) return result;
  const CodeTable& code = *environment.sampler->code();
  const auto& scripts = environment.sampler->scripts()->scripts();
  std::unordered_map<int32_t, Napi::Array> by_script;
  LocationId end = static_cast<LocationId>(code.location_count());
  for (LocationId id = environment.next_unmapped; id < end; ++id) {
    const Location& location = code.location(id);
    if (location.kind != LocationKind::kJs || location.line == 0) continue;
    const Function& function = code.function(location.function);
    auto script = scripts.find(function.script_id);
    if (script == scripts.end() || !script->second->has_source_map) continue;
    auto [entry, added] = by_script.try_emplace(function.script_id);
    if (added) {
      Napi::Object object = Napi::Object::New(env);
      entry->second = Napi::Array::New(env);
      object.Set("scriptId", Napi::Number::New(env, function.script_id));
      object.Set("url", Napi::String::New(env, std::string(code.strings().Get(function.file))));
      object.Set("sourceMapUrl", Napi::String::New(env, script->second->source_map_url));
      object.Set("locations", entry->second);
      result.Set(result.Length(), object);
    }
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
  Environment& environment = EnvironmentOf(info.Env());
  if (environment.sampler == nullptr) return;
  CodeTable& code = *environment.sampler->code();
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
  object.Set("p50Us", Napi::Number::New(env, static_cast<double>(summary.p50_ns) / 1e3));
  object.Set("p99Us", Napi::Number::New(env, static_cast<double>(summary.p99_ns) / 1e3));
  object.Set("maxUs", Napi::Number::New(env, static_cast<double>(summary.max_ns) / 1e3));
  return object;
}

// stats(): counters since the first start, undefined before it.
Napi::Value Stats(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Environment& environment = EnvironmentOf(env);
  if (environment.sampler == nullptr) return env.Undefined();
  IsolateSampler::Stats stats = environment.sampler->stats();
  Napi::Object object = Napi::Object::New(env);
  auto count = [&](const char* name, uint64_t value) {
    object.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  count("samples", stats.totals.samples);
  count("ringFull", stats.totals.ring_full);
  count("unresolvedFrames", stats.totals.unresolved_frames);
  count("truncatedStacks", stats.totals.truncated_stacks);
  count("bytesHeld", stats.bytes_held);
  object.Set("ready", Napi::Boolean::New(env, stats.ready));
  object.Set("handler", SummaryObject(env, stats.handler));
  object.Set("drain", SummaryObject(env, stats.drain));
  return object;
}

// The loop must not be left with our handles open: Node ends a worker (and
// checks its loop) only after every async cleanup hook is done.
void OnCleanup(napi_async_cleanup_hook_handle handle, void* data) {
  auto* environment = static_cast<Environment*>(data);
  if (environment->sampler == nullptr) {
    napi_remove_async_cleanup_hook(handle);
    return;
  }
  std::string why;
  environment->sampler->OnProcessEnd(nullptr, nullptr);
  environment->finish.Reset();
  ProcessSampler::Get(&why)->Stop(*environment->sampler);
  environment->sampler->Close(
      [](void* hook) { napi_remove_async_cleanup_hook(static_cast<napi_async_cleanup_hook_handle>(hook)); },
      handle);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* environment = new Environment;
  env.SetInstanceData(environment);
  napi_add_async_cleanup_hook(env, OnCleanup, environment, &environment->cleanup);
  exports.Set("probe", Napi::Function::New(env, Probe));
  exports.Set("start", Napi::Function::New(env, Start));
  exports.Set("stop", Napi::Function::New(env, Stop));
  exports.Set("watchSignals", Napi::Function::New(env, WatchSignals));
  exports.Set("openSession", Napi::Function::New(env, OpenSession));
  exports.Set("takeSession", Napi::Function::New(env, TakeSession));
  exports.Set("encode", Napi::Function::New(env, Encode));
  exports.Set("encodeSync", Napi::Function::New(env, EncodeSync));
  exports.Set("takeUnmapped", Napi::Function::New(env, TakeUnmapped));
  exports.Set("setMapped", Napi::Function::New(env, SetMapped));
  exports.Set("stats", Napi::Function::New(env, Stats));
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)

}  // namespace hotspan
