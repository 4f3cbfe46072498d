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

  enum class Phase : uint8_t {
    kFree,
    kSignalled,  // the thread's handler may take it, once
    kFilling,    // the handler writes
    kDone,       // the sampler thread may read
    kGivenUp,    // as kFilling, and the handler frees it when it has written
  };
  struct Slot {
    // The thread's id and the phase in one word: a handler that comes late must not
    // take a slot that was given up and belongs to another thread by now.
    // Release/acquire: publishes what follows.
    std::atomic<uint64_t> state{0};
    size_t frame_count = 0;
    uint64_t frames[kMaxFrames];  // program counters, leaf first
    bool done() const { return PhaseOf(state.load(std::memory_order_acquire)) == Phase::kDone; }
    std::span<const uint64_t> stack() const { return {frames, frame_count}; }
  };

  // Process-wide and never destroyed: a late signal must find it.
  static ThreadSampleSlots& Get();

  // A slot for the thread, to be claimed before it is signalled; null when all
  // are under way.
  Slot* Claim(int thread_id);
  // When it was read, its thread is gone or does not answer. A handler that comes
  // later finds no slot; one that runs at this moment frees it itself.
  static void Release(Slot* slot);
  // The calling thread's, which is to be filled and finished; null: none.
  Slot* Begin_signal(int thread_id);
  static void Finish_signal(Slot* slot, int thread_id);

 private:
  static constexpr uint64_t Pack(int thread_id, Phase phase) {
    return uint64_t{static_cast<uint32_t>(thread_id)} << 8 | static_cast<uint8_t>(phase);
  }
  static constexpr Phase PhaseOf(uint64_t state) { return static_cast<Phase>(state & 0xff); }

  static constexpr size_t kSlots = 64;
  std::array<Slot, kSlots> slots_;
};

// Fills the calling thread's slot, if it has one.
void TakeThreadSample_signal(void* ucontext);

}  // namespace hotspan
