#pragma once

// Signal-safety: HandleSample_signal is the signal handler's body. See
// stack_walker_signal.h and record_ring.h for what it may do.

#include <atomic>
#include <cstdint>

#include "../core/histogram.h"
#include "../core/record_ring.h"
#include "stack_walker_signal.h"

namespace hotspan {

// Who may write to a thread's ring and its last clocks. Exchanged, never stored, by
// whoever takes it from another: the three act at the same time.
enum class SlotOwner : uint8_t {
  kNone,
  kClaimed,    // the sampler thread or the isolate's thread
  kSignalled,  // nothing yet: the handler may take it, once
  kHandler,
};

// What the handler knows about the thread it runs on. Made and destroyed by the
// thread itself while no signal is under way.
struct ThreadSlot {
  const WalkBounds* bounds = nullptr;  // constant while sampling
  RecordRing ring;

  // kSignalled by the sampler thread before it signals, kNone again by the handler:
  // at most one signal is under way. One that is not answered is given up by taking
  // this back; its handler, should it come, finds another owner and returns.
  // Release/acquire orders idle_ns with it.
  std::atomic<SlotOwner> owner{SlotOwner::kNone};
  bool Exchange_signal(SlotOwner from, SlotOwner to) {
    return owner.compare_exchange_strong(from, to, std::memory_order_acq_rel);
  }
  // Time the thread has waited in its event loop so far, as of the signal.
  std::atomic<uint64_t> idle_ns{0};
  // CPU time the thread has used so far, likewise: reading it here would be the
  // handler's one system call, 3 us when the caches are cold.
  std::atomic<uint64_t> cpu_ns{0};

  // Until when the thread was last seen parked where its last record found it;
  // before that record: it was not. See ParkDetector.
  std::atomic<uint64_t> parked_until_ns{0};
  // Where the thread was found last: tells the same place from another.
  std::atomic<uint64_t> place{0};

  // Written by the thread, read by the handler that interrupts it.
  std::atomic<int> gc_depth{0};
  std::atomic<uint8_t> gc_type{0};
  std::atomic<bool> draining{false};
  std::atomic<bool> asking_labels{false};  // JavaScript of ours runs, see ContextTable
  // The word that tells the async context, null when nobody asks for it; and
  // what counts samples for those who have to notice them. See ContextTable.
  std::atomic<const uint64_t*> context_word{nullptr};
  std::atomic<std::atomic<uint32_t>*> context_samples{nullptr};

  // The handler's own: clocks at the last record.
  uint64_t last_cpu_ns = 0, last_wall_ns = 0, last_idle_ns = 0;

  // Time of the sampler thread's last tick, 0 while it sleeps; and how long the
  // process stood still since the last record.
  std::atomic<uint64_t> tick_ns{0}, frozen_ns{0};

  std::atomic<uint64_t> samples{0};
  std::atomic<uint64_t> unanswered_ns{0};  // CPU time in records of kNotSampled
  std::atomic<uint64_t> ring_full{0};  // samples refused; their time is the last one's before
  std::atomic<bool> refused{false};  // a record, since the last drain
  std::atomic<uint64_t> first_waiting_ns{0};  // time of the oldest record not drained; 0 = none
  Histogram handler_time;
};

// How long the process stood still up to now, as one does that is stopped or a
// function between two invocations: the sampler thread did not run either.
// Told once. Context: signal, isolate thread or sampler thread.
inline uint64_t TakeFreeze_signal(ThreadSlot& slot, uint64_t now_ns) {
  constexpr uint64_t kLongestLateNs = 1'000'000'000;  // of a thread that only waits for a processor
  uint64_t tick = slot.tick_ns.load(std::memory_order_relaxed);
  if (tick == 0 || now_ns < tick + kLongestLateNs) return 0;
  return slot.tick_ns.compare_exchange_strong(tick, now_ns, std::memory_order_relaxed) ? now_ns - tick : 0;
}

// What passed since the last record without the time that the thread waited in
// its event loop or stood still, in two: parked where that record found it, and
// since then.
struct WallTime {
  uint64_t parked_ns, here_ns;
};
inline WallTime SplitWall_signal(ThreadSlot& slot, uint64_t now_ns, uint64_t idle_ns) {
  uint64_t elapsed = now_ns - slot.last_wall_ns, idled = idle_ns - slot.last_idle_ns;
  uint64_t frozen = slot.frozen_ns.exchange(0, std::memory_order_relaxed) + TakeFreeze_signal(slot, now_ns);
  // Idle time holds it already when the thread was waiting.
  if (frozen > idled) idled += frozen;
  uint64_t wall = elapsed > idled ? elapsed - idled : 0;
  uint64_t until = slot.parked_until_ns.load(std::memory_order_relaxed);
  uint64_t parked = until > slot.last_wall_ns ? until - slot.last_wall_ns : 0;
  if (parked > wall) parked = wall;
  return {parked, wall - parked};
}

// Binds the slot to the calling thread; null unbinds.
void SetCurrentThreadSlot(ThreadSlot* slot);

struct ThreadClocks {
  uint64_t cpu_ns, idle_ns, now_ns;
};

// Records what the slot's thread did after its last record, up to these clocks: as
// that record's (kRest), or as time of which nothing is known (kNotSampled).
// REQUIRES: the caller has claimed the slot: the ring has one producer at a time.
// Context: sampler thread.
void RecordTimes_signal(ThreadSlot& slot, RecordKind kind, const ThreadClocks& clocks);

// A thread without a slot runs no JS that is sampled: see thread_sample_signal.h.
void HandleSample_signal(void* ucontext);

}  // namespace hotspan
