#pragma once

// Signal-safety: TakeThreadSample_signal runs inside the signal handler on a
// thread that knows nothing of us. See frame_chain_signal.h and record_ring.h
// for what it may do.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hotspan {

// Samples under way: one slot for each thread that was signalled. Filled by the
// handler, claimed and read by the sampler thread.
class ThreadSampleSlots {
 public:
  static constexpr size_t kMaxFrames = 256;

  struct Slot {
    std::atomic<int> thread_id{0};  // 0: free
    // Release/acquire: publishes what follows.
    std::atomic<bool> done{false};
    size_t frame_count = 0;
    uint64_t frames[kMaxFrames];  // program counters, leaf first
    std::span<const uint64_t> stack() const { return {frames, frame_count}; }
  };

  // Process-wide and never destroyed: a late signal must find it.
  static ThreadSampleSlots& Get();

  // A slot for the thread, to be claimed before it is signalled; null when all
  // are under way. Released when it was read, or its thread is gone.
  Slot* Claim(int thread_id);
  static void Release(Slot* slot) { slot->thread_id.store(0, std::memory_order_release); }
  Slot* Find_signal(int thread_id);

 private:
  static constexpr size_t kSlots = 64;
  std::array<Slot, kSlots> slots_;
};

// Fills the calling thread's slot, if it has one.
void TakeThreadSample_signal(void* ucontext);

}  // namespace hotspan
