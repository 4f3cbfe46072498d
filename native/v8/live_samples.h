#pragma once

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <deque>

#include "allocation_stacks.h"

namespace hotspan {

// Which of the sampled objects live: a weak handle on each tells. Isolate's thread.
class LiveSamples {
 public:
  explicit LiveSamples(v8::Isolate* isolate) : isolate_(isolate) {}

  // `address`: of an object that is made and has a proven map, untagged. `stands_for`:
  // what is in use as long as it lives.
  void Follow(uint64_t address, uint32_t stack, const AllocationSum& stands_for);
  // Adds up by stack; `live` has room for all of them.
  void SumTo(AllocationStacks::Sums* live);
  void Clear();

  size_t bytes_held() const { return samples_.size() * sizeof(Sample); }

 private:
  struct Sample {
    v8::Global<v8::Data> object;  // empty: it died
    uint32_t stack;
    float objects, bytes;
  };

  void DropDead();

  v8::Isolate* isolate_;
  std::deque<Sample> samples_;
  // How many samples make it worth a look which of them are dead: most die young.
  static constexpr size_t kFewSamples = 4096;
  size_t drop_at_ = kFewSamples;
};

}  // namespace hotspan
