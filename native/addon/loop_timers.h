#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

namespace hotspan {

class LoopTimer;

// The repeating timers of one environment, in libuv's loop itself. Node's own
// timers would be seen by the app's async hooks and stand with its fake clock.
class LoopTimers {
 public:
  LoopTimers();
  ~LoopTimers();

  // Calls `call` every `ms` from now on; does not keep the loop alive.
  uint32_t Start(Napi::Env env, uint64_t ms, Napi::Function call);
  void Stop(uint32_t id);
  // Before the environment goes.
  void StopAll();

 private:
  std::unordered_map<uint32_t, LoopTimer*> timers_;
  uint32_t last_id_ = 0;
};

// Adds startTimer() and stopTimer() to the addon.
void ExportTimers(Napi::Env env, Napi::Object exports);

}  // namespace hotspan
