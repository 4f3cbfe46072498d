#pragma once

// Signal-safety. Functions whose name ends in _signal run inside the signal
// handler. They may: read and write memory that was mapped before sampling
// began (the ring's own pages are first touched there: an anonymous page fault
// is the kernel's business and safe), use lock-free atomics. They must not: allocate, lock, throw,
// call into libc, V8 or Node. When the ring is full the record is refused and
// the caller counts it; nothing blocks.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hotspan {

// A ring of variable-length records of 64-bit words. Producer: the signal
// handler of one thread, or who keeps it from running meanwhile. Consumer:
// whoever drains that thread, possibly the same thread interrupted by the
// producer.
//
// A record lies contiguous in memory, behind one header word with its length:
// one that would straddle the end is placed at the start and the gap before
// the end is skipped.
//
// When a reservation finds the ring empty, it starts again at the first page,
// so a quiet thread keeps touching the same few pages. Only the producer does
// this, by moving origin_, the count that stands for the first word: the
// consumer can be interrupted at any instruction, so it changes nothing but
// head_, by one store at the end of Pop(). Why that is safe: the producer moves
// origin_ only when it sees head_ == tail_. The consumer uses origin_ only
// between a load of tail_ that showed a record and the store that drops it, and
// during that time head_ < tail_ for the producer too (it knows its own tail_,
// and an outdated head_ is only smaller).
class RecordRing {
 public:
  RecordRing() = default;
  ~RecordRing();
  RecordRing(const RecordRing&) = delete;
  RecordRing& operator=(const RecordRing&) = delete;

  // Maps memory for `capacity_words`, rounded up to pages. False when the OS
  // refuses, or when it is mapped already. Pages are touched by use, not here.
  bool Init(size_t capacity_words);

  // Room for one record of up to `max_words`, or null when there is none. At
  // most one reservation at a time; it ends by Commit_signal or is dropped by
  // the next Reserve_signal. An empty ring takes any record of up to
  // capacity_words() - 1 words.
  uint64_t* Reserve_signal(size_t max_words);
  // Publishes the first `words` (1..max_words) of the reservation.
  // REQUIRES: Reserve_signal returned it and nothing was committed since.
  void Commit_signal(size_t words);

  // The oldest record, empty span when there is none. Stays valid until Pop().
  std::span<const uint64_t> Front() const;
  // Drops the oldest record. REQUIRES: Front() is not empty. Consumer only;
  // the producer may interrupt it anywhere.
  void Pop();

  // Words in use, headers and gaps included; any thread.
  size_t used_words() const;
  size_t capacity_words() const { return capacity_; }
  bool empty() const { return used_words() == 0; }

 private:
  // The count of the record at `count`, past a gap if one begins there.
  uint64_t SkipGap(uint64_t count) const;
  // Where in words_ a count lies.
  size_t PositionOf(uint64_t count) const;

  uint64_t* words_ = nullptr;
  size_t capacity_ = 0;
  uint64_t reserved_at_ = 0;  // producer only: count of the reserved header
  // Word counts that only ever grow; a word's place is (count - origin_)
  // modulo capacity. head_: written by the consumer, release. tail_: written
  // by the producer, release. origin_: written by the producer while the ring
  // is empty, relaxed, published by the next store of tail_.
  std::atomic<uint64_t> head_{0};
  std::atomic<uint64_t> tail_{0};
  std::atomic<uint64_t> origin_{0};
  static_assert(std::atomic<uint64_t>::is_always_lock_free);
};

}  // namespace hotspan
