#pragma once

#include <v8.h>

#include "frame_resolver.h"
#include "stack_walker_signal.h"

namespace hotspan {

// Where V8's embedded builtins lie.
AddressRange EmbeddedCode(v8::Isolate* isolate);

// What a walk of the calling thread's stack must know, and what the resolver
// must of the same memory. stack_high is 0 when the OS does not tell. To be
// called on the isolate's thread, from a function that JS called.
WalkBounds FindWalkArea(v8::Isolate* isolate, FrameResolver::Options* resolver_options);

}  // namespace hotspan
