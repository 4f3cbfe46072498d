#pragma once

#include <cstdint>
#include <span>

#include "../core/code_table.h"

namespace hotspan {

// Tells the stack of the JS that called into here. Isolate's thread, outside GC;
// allocates nothing in V8's heap.
class StackSource {
 public:
  virtual ~StackSource() = default;
  // Walks the stack. Walks that give the same key, not 0, found the same stack.
  virtual uint64_t Walk() = 0;
  // What was walked last, leaf first; valid until the next call of either.
  // REQUIRES: no GC since.
  virtual std::span<const LocationId> Resolve() = 0;
};

}  // namespace hotspan
