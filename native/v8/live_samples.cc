#include "live_samples.h"

#include <algorithm>

#include "raw_handle.h"

namespace hotspan {

void LiveSamples::Follow(uint64_t address, uint32_t stack, const AllocationSum& stands_for) {
  if (samples_.size() >= drop_at_) DropDead();
  constexpr uint64_t kHeapObjectTag = 1;
  const uint64_t tagged = address + kHeapObjectTag;
  Sample& sample = samples_.emplace_back();
  sample.stack = stack;
  sample.objects = static_cast<float>(stands_for.objects);
  sample.bytes = static_cast<float>(stands_for.bytes);
  sample.object.Reset(isolate_, HandleOver(&tagged));
  // Without a callback: V8 empties the handle in the collection that finds it dead.
  sample.object.SetWeak();
}

void LiveSamples::SumTo(AllocationStacks::Sums* live) {
  DropDead();
  for (const Sample& sample : samples_) (*live)[sample.stack] += {sample.objects, sample.bytes};
}

void LiveSamples::Clear() {
  samples_.clear();
  drop_at_ = kFewSamples;
}

void LiveSamples::DropDead() {
  std::erase_if(samples_, [](const Sample& sample) { return sample.object.IsEmpty(); });
  drop_at_ = std::max(kFewSamples, 2 * samples_.size());
}

}  // namespace hotspan
