#pragma once

// Signal-safety: everything here runs inside the signal handler (and at a
// safepoint, to walk the own stack). Allowed: reading the thread's own stack
// within its bounds, writing to the given buffer. Forbidden: allocation, locks,
// V8 handles, dereferencing anything but the stack.

#include <cstddef>
#include <cstdint>

#include "../platform/address_range.h"
#include "../platform/machine.h"
#include "../platform/native_code.h"
#include "stack_record.h"
#include "wasm_ranges.h"

namespace hotspan {

// What the walk must know about the process; constant while sampling.
struct WalkBounds {
  uint64_t stack_low = 0, stack_high = 0;
  AddressRange code_range;  // JIT code, and from Node 22 a copy of the builtins
  AddressRange embedded;    // builtins in the node binary
  const NativeCode* native = nullptr;
  // Where V8 keeps the frame pointer of the innermost call from JS into C++; 0:
  // not known. Proven readable as long as the isolate lives.
  uint64_t exit_frame_slot = 0;
  // WebAssembly code lies anywhere: where samples met it, and the types (as a bit set)
  // of the frames that its code makes.
  const WasmRanges* wasm = nullptr;
  uint64_t wasm_frames = 0;

  bool IsV8_signal(uint64_t pc) const { return code_range.Contains(pc) || embedded.Contains(pc); }
  bool IsGenerated_signal(uint64_t pc) const {
    return IsV8_signal(pc) || (wasm != nullptr && wasm->Contains_signal(pc));
  }
  bool IsCode_signal(uint64_t pc) const;
  // Whether a frame with this word where JS frames keep the context is WebAssembly's.
  // Native code may keep such a number there as well.
  bool IsWasmMarker_signal(uint64_t word) const {
    return (word & 1) == 0 && word < 128 && (wasm_frames >> (word >> 1) & 1) != 0;
  }
};

// Follows the frame pointers from `registers` and writes leaf state and frames
// to `out`, which has room for kLeafWords + kMaxFrames * (1 + kFrameSlotWords)
// words. Returns the words written; `*truncated`: more than kMaxFrames.
size_t WalkStack_signal(const WalkBounds& bounds, const machine::Registers& registers,
                        uint64_t* out, bool* truncated);

}  // namespace hotspan
