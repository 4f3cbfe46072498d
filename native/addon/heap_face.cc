#include "heap_face.h"

#include "guarded.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../core/pprof_encoder.h"
#include "../v8/native_names.h"
#include "../v8/process_heap.h"

namespace hotspan {
namespace {

// Threads that run JS come to a safepoint within this; one that is blocked in C++
// is left out.
constexpr int kPatienceMs = 200, kPatienceSyncMs = 20;

using HeapSnapshot = std::shared_ptr<HeapCollector>;

HeapFace& FaceOf(const Napi::CallbackInfo& info) { return *static_cast<HeapFace*>(info.Data()); }

std::vector<std::string> ReadStrings(const Napi::Value& value) {
  std::vector<std::string> strings;
  Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); ++i) strings.push_back(array.Get(i).As<Napi::String>());
  return strings;
}

int64_t NsOfMs(const Napi::Value& ms) {
  return static_cast<int64_t>(ms.As<Napi::Number>().DoubleValue() * 1e6);
}

HeapSampler& SamplerOf(const Napi::CallbackInfo& info) {
  HeapSampler* sampler = FaceOf(info).sampler.get();
  if (sampler == nullptr) throw Napi::Error::New(info.Env(), "the engine is not started");
  return *sampler;
}

// openHeapSession(intervalBytes): number
Napi::Value OpenHeapSession(const Napi::CallbackInfo& info) {
  std::string why;
  auto interval = static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
  uint32_t id = ProcessHeap::Get().OpenSession(interval, SamplerOf(info), &why);
  if (id == 0) throw Napi::Error::New(info.Env(), why);
  return Napi::Number::New(info.Env(), id);
}

// takeHeapSession(id, reopen): handle
Napi::Value TakeHeapSession(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  HeapSnapshot snapshot = ProcessHeap::Get().TakeSession(
      info[0].As<Napi::Number>().Uint32Value(), info[1].As<Napi::Boolean>().Value(), SamplerOf(info));
  if (snapshot == nullptr) throw Napi::Error::New(env, "no such heap session");
  return Napi::External<HeapSnapshot>::New(env, new HeapSnapshot(std::move(snapshot)),
                                           [](Napi::Env, HeapSnapshot* s) { delete s; });
}

struct HeapEncoding {
  HeapEncoding(const HeapSnapshot& taken, const Napi::Object& header)
      : snapshot(taken), options(HeapPprofOptions(taken->interval_bytes)) {
    options.time_unix_ns = NsOfMs(header.Get("startMs"));
    options.duration_ns = NsOfMs(header.Get("durationMs"));
    options.comments = ReadStrings(header.Get("comments"));
  }

  std::string Encode(int patience_ms) {
    HeapCollector::Collected collected = snapshot->Wait(patience_ms);
    options.comments.insert(options.comments.end(), collected.comments.begin(), collected.comments.end());
    return EncodePprof(options, collected.parts, NameNativeFrames);
  }

  HeapSnapshot snapshot;
  PprofOptions options;
};

class HeapEncodeWorker final : public Napi::AsyncWorker {
 public:
  HeapEncodeWorker(Napi::Env env, HeapEncoding encoding)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        encoding_(std::move(encoding)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override { encoded_ = encoding_.Encode(kPatienceMs); }
  void OnOK() override {
    deferred_.Resolve(Napi::Buffer<char>::Copy(Env(), encoded_.data(), encoded_.size()));
  }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  HeapEncoding encoding_;
  std::string encoded_;
};

HeapEncoding ReadEncoding(const Napi::CallbackInfo& info) {
  return {*info[0].As<Napi::External<HeapSnapshot>>().Data(), info[1].As<Napi::Object>()};
}

// encodeHeap(handle, header): Promise<Buffer>
Napi::Value EncodeHeap(const Napi::CallbackInfo& info) {
  auto* worker = new HeapEncodeWorker(info.Env(), ReadEncoding(info));
  Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

// encodeHeapSync(handle, header): Buffer
Napi::Value EncodeHeapSync(const Napi::CallbackInfo& info) {
  std::string encoded = ReadEncoding(info).Encode(kPatienceSyncMs);
  return Napi::Buffer<char>::Copy(info.Env(), encoded.data(), encoded.size());
}

// watchOutOfMemory({ directory?, name?, comments, startMs, spool? })
void WatchOutOfMemory(const Napi::CallbackInfo& info) {
  Napi::Object given = info[0].As<Napi::Object>();
  OutOfMemoryFile file;
  if (given.Has("directory")) file.directory = given.Get("directory").As<Napi::String>();
  if (given.Has("name")) file.name = given.Get("name").As<Napi::String>();
  file.comments = ReadStrings(given.Get("comments"));
  file.start_unix_ns = NsOfMs(given.Get("startMs"));
  if (given.Has("spool")) {
    Napi::Object spool = given.Get("spool").As<Napi::Object>();
    file.spool.directories = ReadStrings(spool.Get("directories"));
    file.spool.id = spool.Get("id").As<Napi::String>();
    file.spool.owner = spool.Get("owner").As<Napi::String>();
    file.spool.facts = spool.Get("facts").As<Napi::String>();
  }
  ProcessHeap::Get().WatchOutOfMemory(file, SamplerOf(info));
}

}  // namespace

void ExportHeap(Napi::Env env, Napi::Object exports, HeapFace& face) {
  exports.Set("openHeapSession", Napi::Function::New(env, Guarded<OpenHeapSession>, nullptr, &face));
  exports.Set("takeHeapSession", Napi::Function::New(env, Guarded<TakeHeapSession>, nullptr, &face));
  exports.Set("encodeHeap", Napi::Function::New(env, Guarded<EncodeHeap>, nullptr, &face));
  exports.Set("encodeHeapSync", Napi::Function::New(env, Guarded<EncodeHeapSync>, nullptr, &face));
  exports.Set("watchOutOfMemory", Napi::Function::New(env, Guarded<WatchOutOfMemory>, nullptr, &face));
}

}  // namespace hotspan
