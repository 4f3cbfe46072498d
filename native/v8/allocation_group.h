#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "heap_reader.h"

namespace hotspan {

// What V8 hands out as one allocation, and samples as one: optimized code takes the
// room for several objects at once, also those of several turns of a loop; and an
// array or object literal may come with an allocation memento behind it, which tells
// the compiler where it was made and goes with the next collection.
struct AllocationGroup {
  uint32_t objects = 1;
  uint32_t bytes = 0;  // of these objects; the others do not last
  // One of them, by chance, each byte as likely to be its: whether this one lives
  // tells, in the mean, how much of the group does. Address 0: none can be read.
  uint64_t chosen = 0;
  uint32_t chosen_bytes = 0;
};

// `size` bytes at `address`, untagged. REQUIRES: V8 has allocated something else, or
// begun to collect, since, and moved nothing: the objects are made then, and there.
AllocationGroup ReadAllocationGroup(const HeapReader& heap, uint64_t address, size_t size,
                                    std::minstd_rand& random);

}  // namespace hotspan
