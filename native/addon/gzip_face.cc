// The part of the N-API face that compresses. Node's zlib module makes a resource
// for each stream that the app's async hooks see, and waits for the app's
// process.nextTick.

#include "gzip_face.h"

#include <string>
#include <utility>

#include "../platform/gzip.h"
#include "guarded.h"

namespace hotspan {
namespace {

class GzipWorker final : public Napi::AsyncWorker {
 public:
  GzipWorker(Napi::Env env, std::string bytes)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), bytes_(std::move(bytes)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override { done_ = Gzip(bytes_, &gzipped_); }
  void OnOK() override {
    if (!done_) return deferred_.Resolve(Env().Undefined());
    deferred_.Resolve(Napi::Buffer<char>::Copy(Env(), gzipped_.data(), gzipped_.size()));
  }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  std::string bytes_, gzipped_;
  bool done_ = false;
};

std::string ReadBytes(const Napi::Value& value) {
  Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  return std::string(reinterpret_cast<const char*>(array.Data()), array.ByteLength());
}

// gzip(bytes): Promise<Buffer | undefined>
Napi::Value GzipBytes(const Napi::CallbackInfo& info) {
  auto* worker = new GzipWorker(info.Env(), ReadBytes(info[0]));
  Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

// gzipSync(bytes): Buffer | undefined
Napi::Value GzipBytesSync(const Napi::CallbackInfo& info) {
  Napi::Uint8Array array = info[0].As<Napi::Uint8Array>();
  std::string gzipped;
  if (!Gzip({reinterpret_cast<const char*>(array.Data()), array.ByteLength()}, &gzipped)) return info.Env().Undefined();
  return Napi::Buffer<char>::Copy(info.Env(), gzipped.data(), gzipped.size());
}

}  // namespace

void ExportGzip(Napi::Env env, Napi::Object exports) {
  Export<GzipBytes>(env, exports, "gzip");
  Export<GzipBytesSync>(env, exports, "gzipSync");
}

}  // namespace hotspan
