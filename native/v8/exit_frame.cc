#include "exit_frame.h"

#include <v8-internal.h>

#include <array>

#include "../platform/frame_chain_signal.h"
#include "../platform/guarded_read.h"

namespace hotspan {

uint64_t FindExitFrameSlot(v8::Isolate* isolate, const WalkBounds& bounds) {
  // The frame that our oldest C++ caller returns to.
  uint64_t fp = reinterpret_cast<uint64_t>(__builtin_frame_address(0));
  uint64_t exit_frame = 0;
  constexpr int kMostNative = 64;
  for (int i = 0; i < kMostNative && exit_frame == 0; ++i) {
    uint64_t caller = LoadWord_signal(fp + machine::kCallerFp);
    if (!IsFrame_signal(caller, fp + 2 * machine::kWord, bounds.stack_high)) return 0;
    if (bounds.IsGenerated_signal(LoadWord_signal(fp + machine::kReturnAddress))) exit_frame = caller;
    fp = caller;
  }
  // V8 keeps it in its ThreadLocalTop, whose place the public headers tell.
  using v8::internal::Internals;
  constexpr size_t kWords = Internals::kThreadLocalTopSize / sizeof(uint64_t);
  std::array<uint64_t, kWords> top{};
  uint64_t address = reinterpret_cast<uint64_t>(isolate) + Internals::kIsolateThreadLocalTopOffset;
  if (exit_frame == 0 || !GuardedRead(address, top.data(), sizeof top)) return 0;
  uint64_t slot = 0;
  for (size_t i = 0; i < kWords; ++i) {
    if (top[i] != exit_frame) continue;
    if (slot != 0) return 0;  // which of them?
    slot = address + i * sizeof(uint64_t);
  }
  return slot;
}

}  // namespace hotspan
