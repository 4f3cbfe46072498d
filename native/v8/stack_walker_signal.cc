#include "stack_walker_signal.h"

namespace hotspan {
namespace {

uint64_t LoadWord_signal(uint64_t address) { return *reinterpret_cast<const uint64_t*>(address); }

bool IsFrame_signal(const WalkBounds& bounds, uint64_t fp, uint64_t above) {
  return fp >= above && fp + 2 * machine::kWord <= bounds.stack_high &&
         fp % machine::kFrameAlignment == 0;
}

// A leaf of libc or of hand-written assembly may use the frame pointer register
// freely. Look upward from sp for a word pair that reads as a frame: a frame
// pointer above it and a return address in code.
uint64_t FindFrame_signal(const WalkBounds& bounds, uint64_t sp) {
  constexpr uint64_t kMaxWords = 512;
  for (uint64_t i = 0; i < kMaxWords; ++i) {
    uint64_t at = sp + i * machine::kWord;
    if (at + 2 * machine::kWord > bounds.stack_high) return 0;
    if (IsFrame_signal(bounds, LoadWord_signal(at + machine::kCallerFp), at + 2 * machine::kWord) &&
        bounds.IsCode_signal(LoadWord_signal(at + machine::kReturnAddress))) {
      return at;
    }
  }
  return 0;
}

}  // namespace

bool WalkBounds::IsCode_signal(uint64_t pc) const {
  if (IsGenerated_signal(pc)) return true;
  size_t low = 0, high = native_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (native[middle].limit <= pc) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < native_count && native[low].Contains(pc);
}

size_t WalkStack_signal(const WalkBounds& bounds, const machine::Registers& registers,
                        uint64_t* out, bool* truncated) {
  uint64_t* at = out;
  uint64_t sp = registers.sp & ~uint64_t{7};
  bool on_stack = sp >= bounds.stack_low && sp < bounds.stack_high;
  *at++ = registers.bytecode_offset;
  *at++ = registers.bytecode_array;
  *at++ = registers.function;
  for (size_t i = 0; i < LeafState::kStackWords; ++i) {
    uint64_t word = sp + i * machine::kWord;
    *at++ = on_stack && word + machine::kWord <= bounds.stack_high ? LoadWord_signal(word) : 0;
  }
  *truncated = false;

  uint64_t pc = registers.pc;
  uint64_t fp = registers.fp;
  uint64_t lowest = sp;
  if (!on_stack || !IsFrame_signal(bounds, fp, lowest) ||
      !bounds.IsCode_signal(LoadWord_signal(fp + machine::kReturnAddress))) {
    fp = on_stack && !bounds.IsGenerated_signal(pc) ? FindFrame_signal(bounds, sp) : 0;
    // The frame found may be the caller's; its own return address follows.
    if (fp == 0) {
      *at++ = pc;
      return static_cast<size_t>(at - out);
    }
  }
  for (size_t depth = 0; depth < kMaxFrames; ++depth) {
    if (bounds.IsGenerated_signal(pc)) {
      *at++ = pc | kGeneratedBit;
      for (ptrdiff_t slot : {-8, -16, -32, -40}) {
        uint64_t address = fp + static_cast<uint64_t>(slot);
        *at++ = address >= sp ? LoadWord_signal(address) : 0;
      }
      uint64_t receiver = fp + machine::kReceiver;
      *at++ = receiver + machine::kWord <= bounds.stack_high ? LoadWord_signal(receiver) : 0;
    } else {
      *at++ = pc;
    }
    pc = LoadWord_signal(fp + machine::kReturnAddress);
    uint64_t caller = LoadWord_signal(fp + machine::kCallerFp);
    if (pc == 0) return static_cast<size_t>(at - out);
    if (!IsFrame_signal(bounds, caller, fp + 2 * machine::kWord)) {
      if (!bounds.IsGenerated_signal(pc) && depth + 1 < kMaxFrames) *at++ = pc;
      return static_cast<size_t>(at - out);
    }
    fp = caller;
  }
  *truncated = true;
  return static_cast<size_t>(at - out);
}

}  // namespace hotspan
