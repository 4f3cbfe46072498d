#pragma once

#include <span>

#include "../core/code_table.h"

namespace hotspan {

// Tells the stack of the JS that called into here.
class StackSource {
 public:
  virtual ~StackSource() = default;
  // Leaf first; valid until the next call. Isolate's thread, outside GC;
  // allocates nothing in V8's heap.
  virtual std::span<const LocationId> CurrentStack() = 0;
};

}  // namespace hotspan
