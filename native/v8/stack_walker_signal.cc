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
  // Of WebAssembly code that no sample met before, the frames say what it is.
  auto is_wasm_frame = [&](uint64_t frame) {
    const uint64_t marker = frame + static_cast<uint64_t>(FrameSlots::kContext);
    return marker >= sp && IsFrame_signal(frame, sp, bounds.stack_high) &&
           bounds.IsWasmMarker_signal(LoadWord_signal(marker));
  };
  // Native code that uses the frame pointer register for itself, such as
  // OpenSSL's, sends the walk astray. All that JS called passes this frame.
  uint64_t exit_frame = 0;
  if (bounds.exit_frame_slot != 0 && !bounds.IsGenerated_signal(pc)) {
    uint64_t word = LoadWord_signal(bounds.exit_frame_slot);
    if (on_stack && IsFrame_signal(word, sp, bounds.stack_high)) exit_frame = word;
  }
  if (!on_stack || !IsFrame_signal(fp, sp, bounds.stack_high) ||
      !(is_code(LoadWord_signal(fp + machine::kReturnAddress)) || is_wasm_frame(fp) ||
        is_wasm_frame(LoadWord_signal(fp + machine::kCallerFp)))) {
    bool may_lack_frame = on_stack && !bounds.IsGenerated_signal(pc);
    // The frame found may be the caller's; its own return address follows.
    fp = may_lack_frame ? FindFrame_signal(sp, bounds.stack_high, is_code) : 0;
  }
  uint64_t* const first_frame = at;
  for (size_t depth = 0; depth < kMaxFrames; ++depth) {
    bool lost = exit_frame != 0 && (fp == 0 || fp > exit_frame);
    if (lost) {
      at = first_frame;
      *at++ = registers.pc;
      fp = exit_frame;
      pc = 0;
      depth = 1;
    }
    if (fp == 0) {
      *at++ = pc;
      return static_cast<size_t>(at - out);
    }
    if (fp == exit_frame) exit_frame = 0;
    if (bounds.IsGenerated_signal(pc) || pc == 0 || (is_wasm_frame(fp) && !bounds.native->Contains_signal(pc))) {
      *at++ = pc | kGeneratedBit;
      for (ptrdiff_t slot : {FrameSlots::kContext, FrameSlots::kFunction,
                             FrameSlots::kBytecodeArray, FrameSlots::kBytecodeOffset}) {
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
    bool ends = pc == 0 || !IsFrame_signal(caller, fp + 2 * machine::kWord, bounds.stack_high);
    if (ends && exit_frame != 0) {
      caller = 0;
    } else if (ends) {
      if (pc != 0 && !bounds.IsGenerated_signal(pc) && depth + 1 < kMaxFrames) *at++ = pc;
      return static_cast<size_t>(at - out);
    }
    fp = caller;
  }
  *truncated = true;
  return static_cast<size_t>(at - out);
}

}  // namespace hotspan
