#include "loop_timers.h"

#include <uv.h>

#include "environment.h"

namespace hotspan {

// Frees itself once libuv has let go of the handle.
class LoopTimer {
 public:
  LoopTimer(uv_loop_t* loop, uint64_t ms, Napi::Function call) : call_(Napi::Persistent(call)) {
    uv_timer_init(loop, &handle_);
    handle_.data = this;
    // The loop's time is that of its last turn, which may be long over.
    uv_update_time(loop);
    uv_timer_start(&handle_, OnTime, ms, ms);
    uv_unref(reinterpret_cast<uv_handle_t*>(&handle_));
  }

  void Close() {
    call_.Reset();
    uv_close(reinterpret_cast<uv_handle_t*>(&handle_),
             [](uv_handle_t* handle) { delete static_cast<LoopTimer*>(handle->data); });
  }

 private:
  static void OnTime(uv_timer_t* handle) {
    auto* self = static_cast<LoopTimer*>(handle->data);
    if (self->call_.IsEmpty()) return;
    Napi::HandleScope scope(self->call_.Env());
    // The call may stop this timer.
    Napi::Function call = self->call_.Value();
    try {
      call.Call({});
    } catch (const Napi::Error&) {
      // It must not throw; nothing of hotspan's may reach the app.
    }
  }

  uv_timer_t handle_;
  Napi::FunctionReference call_;
};

LoopTimers::LoopTimers() = default;
LoopTimers::~LoopTimers() = default;

uint32_t LoopTimers::Start(Napi::Env env, uint64_t ms, Napi::Function call) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) throw EngineError(env, "no event loop");
  timers_.emplace(++last_id_, new LoopTimer(loop, ms, call));
  return last_id_;
}

void LoopTimers::Stop(uint32_t id) {
  auto found = timers_.find(id);
  if (found == timers_.end()) return;
  found->second->Close();
  timers_.erase(found);
}

void LoopTimers::StopAll() {
  for (auto& [id, timer] : timers_) timer->Close();
  timers_.clear();
}

namespace {

// startTimer(ms, call): number
Napi::Value StartTimer(const Napi::CallbackInfo& info) {
  const auto ms = static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
  LoopTimers& timers = EnvironmentOf(info.Env()).timers;
  return Napi::Number::New(info.Env(), timers.Start(info.Env(), ms, info[1].As<Napi::Function>()));
}

// stopTimer(id)
void StopTimer(const Napi::CallbackInfo& info) {
  EnvironmentOf(info.Env()).timers.Stop(info[0].As<Napi::Number>().Uint32Value());
}

}  // namespace

void ExportTimers(Napi::Env env, Napi::Object exports) {
  Export<StartTimer>(env, exports, "startTimer");
  Export<StopTimer>(env, exports, "stopTimer");
}

}  // namespace hotspan
