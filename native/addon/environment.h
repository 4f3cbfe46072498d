#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "../v8/isolate_sampler.h"
#include "guarded.h"
#include "heap_face.h"
#include "loop_timers.h"

namespace hotspan {

// All native state of one environment (a main thread or a worker).
struct Environment {
  Napi::FunctionReference finish, survived;  // see WatchSignals
  std::unique_ptr<IsolateSampler> sampler;
  HeapFace heap;
  LoopTimers timers;
  bool started = false;  // sampling was started here, so it ends with us
  LocationId next_unmapped = 0;  // locations below were handed out already
  napi_async_cleanup_hook_handle cleanup = nullptr;
};

inline Environment& EnvironmentOf(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

inline Napi::Error EngineError(Napi::Env env, const std::string& why) {
  Napi::Error error = Napi::Error::New(env, why);
  error.Set("code", Napi::String::New(env, "HOTSPAN_ERR_ENGINE_UNAVAILABLE"));
  return error;
}

// The environment's sampler; throws when it was never started.
inline IsolateSampler& StartedSampler(Napi::Env env) {
  Environment& environment = EnvironmentOf(env);
  if (environment.sampler == nullptr) throw EngineError(env, "the engine was never started");
  return *environment.sampler;
}

// labels.cc: adds the functions about labels to the addon.
void ExportLabelFunctions(Napi::Env env, Napi::Object exports);

}  // namespace hotspan
