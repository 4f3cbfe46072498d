#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "../core/code_table.h"
#include "../core/stack_profile.h"
#include "stack_source.h"

namespace hotspan {

// Objects and bytes, in estimated true numbers.
struct AllocationSum {
  double objects = 0, bytes = 0;

  AllocationSum& operator+=(const AllocationSum& more) {
    objects += more.objects;
    bytes += more.bytes;
    return *this;
  }
};

// What one sample of an allocation of `size` bytes stands for, when each is
// sampled with probability 1-exp(-size/interval).
AllocationSum ScaleSample(size_t size, double interval_bytes);

// The stacks that allocate, by small numbers, and what each has allocated. One
// thread.
class AllocationStacks {
 public:
  explicit AllocationStacks(std::shared_ptr<CodeTable> code) : code_(std::move(code)) {}

  // The number of the stack that calls into here. V8's functions and C++ on top
  // of it (Map.set, Array.from) allocate for the code that called them and are
  // left out; what has no code of a script at all becomes "(V8 API)".
  uint32_t Current(StackSource& source);

  void Count(uint32_t id, const AllocationSum& sum) { allocated_[id] += sum; }

  // Sums by stack since the beginning, to take differences of.
  using Sums = std::vector<AllocationSum>;
  const Sums& allocated() const { return allocated_; }

  // Adds what is live, and what was allocated since `before`, to the profile:
  // alloc_objects, alloc_space, inuse_objects, inuse_space.
  void AddTo(StackProfile& profile, LabelSetId labels, const Sums& live, const Sums& before) const;

  void Clear();
  size_t bytes_held() const;

 private:
  uint32_t Id(std::span<const LocationId> stack);

  // By the stack's key: a program allocates at few places most of the time.
  struct Known {
    uint64_t key = 0;
    uint32_t id = 0;
  };
  std::array<Known, 256> known_{};
  std::shared_ptr<CodeTable> code_;
  std::map<std::vector<LocationId>, uint32_t> ids_;
  std::vector<const std::vector<LocationId>*> stacks_;
  Sums allocated_;
};

}  // namespace hotspan
