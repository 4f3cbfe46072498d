#include "thread_sample_signal.h"

#include <algorithm>

#include "../platform/frame_chain_signal.h"
#include "../platform/guarded_read.h"
#include "../platform/native_code.h"
#include "../platform/thread_stack.h"

namespace hotspan {
namespace {

// For the handler: a function-local static would be guarded.
std::atomic<ThreadSampleSlots*> g_slots{nullptr};

// More than as many frames as a sample holds take, almost always.
constexpr uint64_t kMaxStack = 256 * 1024;

size_t WalkNative_signal(const machine::Registers& registers, std::span<uint64_t> out) {
  const NativeCode& code = NativeCode::Get();
  auto is_code = [&](uint64_t address) { return code.Contains_signal(address); };
  size_t count = 0;
  out[count++] = registers.pc;
  uint64_t sp = registers.sp & ~uint64_t{7};
  uint64_t top = StackTopAbove_signal(sp);
  if (top == 0) return count;
  // A program may have switched to a stack that lies below the thread's own, with
  // a gap between them.
  uint64_t high = sp + ReadableFrom_signal(sp, std::min(top - sp, kMaxStack));
  uint64_t fp = registers.fp;
  if (!IsFrame_signal(fp, sp, high) || !is_code(LoadWord_signal(fp + machine::kReturnAddress))) {
    fp = FindFrame_signal(sp, high, is_code);
  }
  while (fp != 0 && count < out.size()) {
    uint64_t pc = LoadWord_signal(fp + machine::kReturnAddress);
    if (pc == 0) break;
    out[count++] = pc;
    uint64_t caller = LoadWord_signal(fp + machine::kCallerFp);
    fp = IsFrame_signal(caller, fp + 2 * machine::kWord, high) ? caller : 0;
  }
  return count;
}

}  // namespace

ThreadSampleSlots& ThreadSampleSlots::Get() {
  static auto* slots = [] {
    auto* made = new ThreadSampleSlots;
    g_slots.store(made, std::memory_order_release);
    return made;
  }();
  return *slots;
}

ThreadSampleSlots::Slot* ThreadSampleSlots::Claim(int thread_id) {
  for (Slot& slot : slots_) {
    int owner = slot.thread_id.load(std::memory_order_acquire);
    bool left_behind = owner == thread_id && slot.done.load(std::memory_order_acquire);
    if (owner != 0 && !left_behind) continue;
    slot.done.store(false, std::memory_order_relaxed);
    slot.thread_id.store(thread_id, std::memory_order_release);
    return &slot;
  }
  return nullptr;
}

ThreadSampleSlots::Slot* ThreadSampleSlots::Find_signal(int thread_id) {
  for (Slot& slot : slots_) {
    if (slot.thread_id.load(std::memory_order_acquire) == thread_id) return &slot;
  }
  return nullptr;
}

void TakeThreadSample_signal(void* ucontext) {
  ThreadSampleSlots* slots = g_slots.load(std::memory_order_acquire);
  if (slots == nullptr) return;
  ThreadSampleSlots::Slot* slot = slots->Find_signal(CurrentThreadId());
  if (slot == nullptr || slot->done.load(std::memory_order_acquire)) return;
  slot->frame_count = WalkNative_signal(machine::ReadRegisters_signal(ucontext), slot->frames);
  slot->done.store(true, std::memory_order_release);
  machine::RestartInterruptedCall_signal(ucontext);
}

}  // namespace hotspan
