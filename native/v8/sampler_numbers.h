#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace hotspan {

class IsolateSampler;

// The samplers alive, by number: what V8 may call back later than an object lives
// is given its number. A callback runs on its sampler's thread, which also
// destroys the sampler: what it finds stays valid while it runs.
class SamplerNumbers {
 public:
  static SamplerNumbers& Get() {
    static auto* numbers = new SamplerNumbers;  // callbacks may come after static destructors
    return *numbers;
  }
  uintptr_t Add(IsolateSampler* sampler) {
    std::lock_guard lock(mutex_);
    samplers_[++last_] = sampler;
    return last_;
  }
  void Remove(uintptr_t number) {
    std::lock_guard lock(mutex_);
    samplers_.erase(number);
  }
  // Null: it is gone.
  IsolateSampler* Find(uintptr_t number) {
    std::lock_guard lock(mutex_);
    auto found = samplers_.find(number);
    return found != samplers_.end() ? found->second : nullptr;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<uintptr_t, IsolateSampler*> samplers_;
  uintptr_t last_ = 0;
};

}  // namespace hotspan
