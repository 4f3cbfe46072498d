#pragma once

#include <napi.h>

#include <type_traits>

namespace hotspan {

// Calls one of our functions for JavaScript. node-addon-api throws what it cannot
// throw into JavaScript, as in a worker that is being terminated, through Node's C
// frames, which ends the process.
template <auto kFunction>
Napi::Value Guarded(const Napi::CallbackInfo& info) {
  try {
    if constexpr (std::is_void_v<decltype(kFunction(info))>) {
      kFunction(info);
      return {};
    } else {
      return kFunction(info);
    }
  } catch (const Napi::Error& error) {
    try {
      // Fails in such a worker; nobody is left there to tell.
      if (!error.IsEmpty()) napi_throw(info.Env(), error.Value());
    } catch (const Napi::Error&) {
    }
    return {};
  }
}

// exports[name] = kFunction
template <auto kFunction>
void Export(Napi::Env env, Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New(env, Guarded<kFunction>));
}

}  // namespace hotspan
