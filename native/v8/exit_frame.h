#pragma once

#include <v8.h>

#include <cstdint>

#include "stack_walker_signal.h"

namespace hotspan {

// Where this isolate keeps the frame pointer of its exit frame: the innermost
// place where JS called into C++. Found by looking for the exit frame of the
// call that is under way: to be called from a function that JS called. 0 when it
// cannot be told.
uint64_t FindExitFrameSlot(v8::Isolate* isolate, const WalkBounds& bounds);

}  // namespace hotspan
