#include "sample_handler_signal.h"

#include "../platform/thread_clock.h"
#include "../threads/thread_sample_signal.h"

namespace hotspan {
namespace {

// initial-exec: a plain load from the thread pointer. The default model of a
// loaded library may call __tls_get_addr, which allocates and locks.
__attribute__((tls_model("initial-exec"))) thread_local ThreadSlot* t_slot = nullptr;

// Writes the header and the times of what lies in the ring's reservation, and
// makes these clocks the slot's last.
void CommitRecord_signal(ThreadSlot& slot, uint64_t* record, size_t words,
                         const RecordHeader& header, const ThreadClocks& clocks) {
  WallTime wall = SplitWall_signal(slot, clocks.now_ns, clocks.idle_ns);
  record[0] = PackHeader_signal(header);
  record[1] = clocks.cpu_ns - slot.last_cpu_ns;
  record[2] = wall.here_ns;
  record[RecordHeader::kContextWord] = header.context;
  record[4] = wall.parked_ns;
  slot.ring.Commit_signal(words);

  slot.last_cpu_ns = clocks.cpu_ns;
  slot.last_wall_ns = clocks.now_ns;
  slot.last_idle_ns = clocks.idle_ns;
  if (slot.first_waiting_ns.load(std::memory_order_relaxed) == 0) {
    slot.first_waiting_ns.store(clocks.now_ns, std::memory_order_relaxed);
  }
}

}  // namespace

void RecordTimes_signal(ThreadSlot& slot, RecordKind kind, const ThreadClocks& clocks) {
  uint64_t* record = slot.ring.Reserve_signal(RecordHeader::kWords);
  if (record == nullptr) return slot.refused.store(true, std::memory_order_relaxed);
  RecordHeader header{};
  header.kind = kind;
  if (kind == RecordKind::kNotSampled) {
    slot.unanswered_ns.fetch_add(clocks.cpu_ns - slot.last_cpu_ns, std::memory_order_relaxed);
  }
  CommitRecord_signal(slot, record, RecordHeader::kWords, header, clocks);
}

void SetCurrentThreadSlot(ThreadSlot* slot) { t_slot = slot; }

void HandleSample_signal(void* ucontext) {
  ThreadSlot* slot = t_slot;
  if (slot == nullptr) return TakeThreadSample_signal(ucontext);
  if (!slot->Exchange_signal(SlotOwner::kSignalled, SlotOwner::kHandler)) return;
  uint64_t now = MonotonicNs_signal();
  uint64_t* record = slot->ring.Reserve_signal(kMaxRecordWords);
  if (record == nullptr) {
    slot->ring_full.fetch_add(1, std::memory_order_relaxed);
    slot->refused.store(true, std::memory_order_relaxed);
    slot->owner.store(SlotOwner::kNone, std::memory_order_release);
    return;
  }
  const ThreadClocks clocks{slot->cpu_ns.load(std::memory_order_relaxed),
                            slot->idle_ns.load(std::memory_order_relaxed), now};

  RecordHeader header{};
  bool own_work = slot->draining.load(std::memory_order_relaxed) ||
                  slot->asking_labels.load(std::memory_order_relaxed);
  header.kind = own_work                                             ? RecordKind::kDrain
                : slot->gc_depth.load(std::memory_order_relaxed) > 0 ? RecordKind::kGc
                                                                     : RecordKind::kStack;
  header.gc_type = slot->gc_type.load(std::memory_order_relaxed);
  size_t words = RecordHeader::kWords;
  machine::Registers registers = machine::ReadRegisters_signal(ucontext);
  if (header.kind == RecordKind::kStack) {
    words += WalkStack_signal(*slot->bounds, registers, record + words, &header.truncated);
  }
  slot->place.store(registers.pc ^ registers.sp << 20, std::memory_order_relaxed);
  const uint64_t* context = slot->context_word.load(std::memory_order_relaxed);
  header.context = context != nullptr ? *context : 0;
  CommitRecord_signal(*slot, record, words, header, clocks);

  slot->samples.fetch_add(1, std::memory_order_relaxed);
  if (auto* counter = slot->context_samples.load(std::memory_order_relaxed)) {
    counter->fetch_add(1, std::memory_order_relaxed);
  }
  slot->owner.store(SlotOwner::kNone, std::memory_order_release);
  slot->handler_time.Record_signal(MonotonicNs_signal() - now);
}

}  // namespace hotspan
