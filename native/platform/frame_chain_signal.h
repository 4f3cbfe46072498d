#pragma once

// Signal-safety: everything here runs inside the signal handler. It reads the
// interrupted thread's own stack within [sp, high) and nothing else.

#include <cstddef>
#include <cstdint>

#include "machine.h"

namespace hotspan {

inline uint64_t LoadWord_signal(uint64_t address) {
  return *reinterpret_cast<const uint64_t*>(address);
}

// Whether a frame could lie at `fp`: above `lowest`, within the stack, aligned. Any
// value may come: code that has no frame keeps what it likes in the register.
inline bool IsFrame_signal(uint64_t fp, uint64_t lowest, uint64_t high) {
  // Not fp + size <= high: the sum may pass zero.
  return fp >= lowest && fp < high && high - fp >= 2 * machine::kWord &&
         fp % machine::kFrameAlignment == 0;
}

// A leaf of libc or of hand-written assembly may use the frame pointer register
// freely. Looks upward from sp for a word pair that reads as a frame: a frame
// pointer above it and a return address in code. 0: none.
template <typename IsCode>
uint64_t FindFrame_signal(uint64_t sp, uint64_t high, const IsCode& is_code) {
  constexpr uint64_t kMaxWords = 512;
  for (uint64_t i = 0; i < kMaxWords; ++i) {
    uint64_t at = sp + i * machine::kWord;
    if (at + 2 * machine::kWord > high) return 0;
    if (IsFrame_signal(LoadWord_signal(at + machine::kCallerFp), at + 2 * machine::kWord, high) &&
        is_code(LoadWord_signal(at + machine::kReturnAddress))) {
      return at;
    }
  }
  return 0;
}

}  // namespace hotspan
