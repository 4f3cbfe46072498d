// The part of the N-API face that is about labels.

#include <napi.h>
#include <v8.h>

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "../core/late_values.h"
#include "environment.h"

namespace hotspan {
namespace {

// Of all threads, see markLocalRoots().
std::atomic<bool> g_marks_local_roots{false};

// Labels cross the border as a flat array [key, value, late id, key, …]: value
// is a string or a whole number, late id 0 or what newLateValue() returned.
std::vector<Label> ReadLabels(const Napi::Value& value) {
  std::vector<Label> labels;
  if (!value.IsArray()) return labels;
  Napi::Array flat = value.As<Napi::Array>();
  const uint32_t length = flat.Length();
  labels.reserve(length / 3);
  for (uint32_t i = 0; i + 2 < length; i += 3) {
    Napi::Value text = flat.Get(i + 1);
    Label label;
    label.key = flat.Get(i).As<Napi::String>().Utf8Value();
    label.is_number = text.IsNumber();
    if (label.is_number) {
      label.number = text.As<Napi::Number>().Int64Value();
    } else {
      label.text = text.As<Napi::String>().Utf8Value();
    }
    label.late = static_cast<LateValueId>(flat.Get(i + 2).As<Napi::Number>().Int64Value());
    labels.push_back(std::move(label));
  }
  return labels;
}

// The two functions of JavaScript that give labels. They must not throw; should
// they, there are no labels.
class JsLabelSource final : public LabelSource {
 public:
  JsLabelSource(Napi::Function begin, Napi::Function collect)
      : begin_(Napi::Persistent(begin)), collect_(Napi::Persistent(collect)) {}

  bool Begin() override {
    Napi::HandleScope scope(begin_.Env());
    try {
      return begin_.Call({}).ToBoolean();
    } catch (const Napi::Error&) {
      return false;
    }
  }

  std::vector<Label> Collect() override {
    Napi::HandleScope scope(collect_.Env());
    try {
      return ReadLabels(collect_.Call({}));
    } catch (const Napi::Error&) {
      return {};
    }
  }

 private:
  Napi::FunctionReference begin_, collect_;
};

// isInsideContextFrame(): boolean — does V8 show the async context that the
// caller is in?
Napi::Value IsInsideContextFrame(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ContextTable::InsideFrame(v8::Isolate::GetCurrent()));
}

// enableContextFrames(begin, collect)
void EnableContextFrames(const Napi::CallbackInfo& info) {
  StartedSampler(info.Env())
      .EnableLabels(ContextTable::Mode::kFrames,
                    std::make_unique<JsLabelSource>(info[0].As<Napi::Function>(),
                                                    info[1].As<Napi::Function>()));
}

// enableEpochs(): Uint32Array — its one element counts the thread's samples.
Napi::Value EnableEpochs(const Napi::CallbackInfo& info) {
  IsolateSampler& sampler = StartedSampler(info.Env());
  sampler.EnableLabels(ContextTable::Mode::kEpochs, nullptr);
  using Counter = std::shared_ptr<std::atomic<uint32_t>>;
  auto* counter = new Counter(sampler.contexts().sample_counter());
  static_assert(sizeof(**counter) == sizeof(uint32_t));
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(
      info.Env(), counter->get(), sizeof(uint32_t),
      [](Napi::Env, void*, Counter* held) { delete held; }, counter);
  return Napi::Uint32Array::New(info.Env(), 1, buffer, 0);
}

// labelEpoch(labels)
void LabelEpoch(const Napi::CallbackInfo& info) {
  Environment& environment = EnvironmentOf(info.Env());
  if (environment.sampler != nullptr) environment.sampler->contexts().LabelEpoch(ReadLabels(info[0]));
}

// resolveContexts(): asks for the labels of this thread's samples now.
void ResolveContexts(const Napi::CallbackInfo& info) {
  Environment& environment = EnvironmentOf(info.Env());
  if (environment.sampler != nullptr) environment.sampler->ResolveContexts();
}

// newLateValue(): number
Napi::Value NewLateValue(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(SharedLateValues().Reserve()));
}

// setLateValue(id, text)
void SetLateValue(const Napi::CallbackInfo& info) {
  SharedLateValues().Set(static_cast<LateValueId>(info[0].As<Napi::Number>().Int64Value()),
                         info[1].As<Napi::String>().Utf8Value());
}

// markLocalRoots()
void MarkLocalRoots(const Napi::CallbackInfo&) { g_marks_local_roots = true; }

// marksLocalRoots(): boolean
Napi::Value MarksLocalRoots(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), g_marks_local_roots);
}

}  // namespace

void ExportLabelFunctions(Napi::Env env, Napi::Object exports) {
  Export<IsInsideContextFrame>(env, exports, "isInsideContextFrame");
  Export<EnableContextFrames>(env, exports, "enableContextFrames");
  Export<EnableEpochs>(env, exports, "enableEpochs");
  Export<LabelEpoch>(env, exports, "labelEpoch");
  Export<ResolveContexts>(env, exports, "resolveContexts");
  Export<NewLateValue>(env, exports, "newLateValue");
  Export<SetLateValue>(env, exports, "setLateValue");
  Export<MarkLocalRoots>(env, exports, "markLocalRoots");
  Export<MarksLocalRoots>(env, exports, "marksLocalRoots");
}

}  // namespace hotspan
