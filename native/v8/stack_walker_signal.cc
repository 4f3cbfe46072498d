#include "stack_walker_signal.h"

#include "../platform/frame_chain_signal.h"

namespace hotspan {

bool WalkBounds::IsCode_signal(uint64_t pc) const {
  return IsGenerated_signal(pc) || native->Contains_signal(pc);
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
  auto is_code = [&](uint64_t address) { return bounds.IsCode_signal(address); };
  if (!on_stack || !IsFrame_signal(fp, sp, bounds.stack_high) ||
      !is_code(LoadWord_signal(fp + machine::kReturnAddress))) {
    bool may_lack_frame = on_stack && !bounds.IsGenerated_signal(pc);
    fp = may_lack_frame ? FindFrame_signal(sp, bounds.stack_high, is_code) : 0;
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
    if (!IsFrame_signal(caller, fp + 2 * machine::kWord, bounds.stack_high)) {
      if (!bounds.IsGenerated_signal(pc) && depth + 1 < kMaxFrames) *at++ = pc;
      return static_cast<size_t>(at - out);
    }
    fp = caller;
  }
  *truncated = true;
  return static_cast<size_t>(at - out);
}

}  // namespace hotspan
