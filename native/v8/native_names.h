#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../core/pprof_encoder.h"

namespace hotspan {

// The NativeSymbolizer of this process: names addresses by their ELF symbols
// and V8's C++ builtins by what JS calls them ("JSON.parse").
std::vector<NativeFrame> NameNativeFrames(std::span<const uint64_t> addresses);

}  // namespace hotspan
