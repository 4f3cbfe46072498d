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
  const NativeCode* code = NativeCode::Current_signal();
  auto is_code = [&](uint64_t address) { return code != nullptr && code->Contains_signal(address); };
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
    uint64_t free = 0;
    if (slot.state.compare_exchange_strong(free, Pack(thread_id, Phase::kSignalled))) return &slot;
  }
  return nullptr;
}

void ThreadSampleSlots::Release(Slot* slot) {
  uint64_t state = slot->state.load(std::memory_order_acquire);
  uint64_t released;
  do {
    const bool filling = PhaseOf(state) == Phase::kFilling;
    released = filling ? (state & ~uint64_t{0xff}) | static_cast<uint8_t>(Phase::kGivenUp) : 0;
  } while (!slot->state.compare_exchange_weak(state, released));
}

ThreadSampleSlots::Slot* ThreadSampleSlots::Begin_signal(int thread_id) {
  for (Slot& slot : slots_) {
    uint64_t signalled = Pack(thread_id, Phase::kSignalled);
    if (slot.state.load(std::memory_order_relaxed) != signalled) continue;
    if (slot.state.compare_exchange_strong(signalled, Pack(thread_id, Phase::kFilling))) return &slot;
  }
  return nullptr;
}

void ThreadSampleSlots::Finish_signal(Slot* slot, int thread_id) {
  uint64_t filling = Pack(thread_id, Phase::kFilling);
  if (slot->state.compare_exchange_strong(filling, Pack(thread_id, Phase::kDone))) return;
  slot->state.store(0, std::memory_order_release);  // given up meanwhile
}

void TakeThreadSample_signal(void* ucontext) {
  ThreadSampleSlots* slots = g_slots.load(std::memory_order_acquire);
  if (slots == nullptr) return;
  const int thread_id = CurrentThreadId();
  if (ThreadSampleSlots::Slot* slot = slots->Begin_signal(thread_id)) {
    slot->frame_count = WalkNative_signal(machine::ReadRegisters_signal(ucontext), slot->frames);
    ThreadSampleSlots::Finish_signal(slot, thread_id);
  }
  // Also when it comes late: a thread that blocks signals gets it where a call such
  // as ppoll() lets signals in, before that has waited.
  machine::RestartInterruptedCall_signal(ucontext);
}

}  // namespace hotspan
