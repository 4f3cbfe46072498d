#pragma once

#include <napi.h>

#include <memory>

#include "../v8/heap_sampler.h"

namespace hotspan {

// The heap part of the N-API face, of one environment.
struct HeapFace {
  std::unique_ptr<HeapSampler> sampler;  // while the thread is attached
};

// REQUIRES: `face` outlives the environment's JS.
void ExportHeap(Napi::Env env, Napi::Object exports, HeapFace& face);

}  // namespace hotspan
