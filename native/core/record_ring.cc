#include "record_ring.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace hotspan {
namespace {

// The word before each record: its length, or the length of a gap to skip.
constexpr uint64_t kGapBit = uint64_t{1} << 63;
constexpr size_t kHeaderWords = 1;
constexpr size_t kMaxCapacityWords = size_t{1} << 32;

}  // namespace

RecordRing::~RecordRing() {
  if (words_ != nullptr) munmap(words_, capacity_ * sizeof(uint64_t));
}

bool RecordRing::Init(size_t capacity_words) {
  if (words_ != nullptr || capacity_words > kMaxCapacityWords) return false;
  const size_t page_words = static_cast<size_t>(sysconf(_SC_PAGESIZE)) / sizeof(uint64_t);
  const size_t pages = std::max<size_t>(1, (capacity_words + page_words - 1) / page_words);
  void* memory = mmap(nullptr, pages * page_words * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  words_ = static_cast<uint64_t*>(memory);
  capacity_ = pages * page_words;
  return true;
}

uint64_t* RecordRing::Reserve_signal(size_t max_words) {
  // Also what an Init() that failed or never was called ends in.
  if (max_words == 0 || max_words >= capacity_) return nullptr;
  // Acquire: the consumer has read all that lies before head, so that memory
  // may be written again.
  const uint64_t head = head_.load(std::memory_order_acquire);
  const uint64_t tail = tail_.load(std::memory_order_relaxed);
  if (head == tail) origin_.store(tail, std::memory_order_relaxed);

  const size_t at = PositionOf(tail);
  const size_t needed = max_words + kHeaderWords;
  const size_t gap = capacity_ - at < needed ? capacity_ - at : 0;
  if (gap + needed > capacity_ - (tail - head)) return nullptr;
  // Not yet visible: the consumer looks no further than tail_.
  if (gap != 0) words_[at] = kGapBit | gap;
  reserved_at_ = tail + gap;
  return words_ + PositionOf(reserved_at_) + kHeaderWords;
}

void RecordRing::Commit_signal(size_t words) {
  words_[PositionOf(reserved_at_)] = words;
  // Release: publishes the record, the gap before it and origin_.
  tail_.store(reserved_at_ + kHeaderWords + words, std::memory_order_release);
}

std::span<const uint64_t> RecordRing::Front() const {
  // tail_ before origin_: once there is something to read, the producer leaves
  // origin_ alone until the Pop() that empties the ring.
  const uint64_t tail = tail_.load(std::memory_order_acquire);
  const uint64_t head = head_.load(std::memory_order_relaxed);
  if (head == tail) return {};
  const uint64_t at = SkipGap(head);
  const size_t position = PositionOf(at);
  return {words_ + position + kHeaderWords, words_[position]};
}

void RecordRing::Pop() {
  // The store is the only step the producer can see: interrupted before it,
  // the record is still there; after it, nothing more is read or written.
  const uint64_t at = SkipGap(head_.load(std::memory_order_relaxed));
  const uint64_t next = at + kHeaderWords + words_[PositionOf(at)];
  head_.store(next, std::memory_order_release);
}

size_t RecordRing::used_words() const {
  // head_ first: read the other way round, tail could lie behind head.
  const uint64_t head = head_.load(std::memory_order_acquire);
  const uint64_t tail = tail_.load(std::memory_order_acquire);
  return std::min<uint64_t>(tail - head, capacity_);
}

uint64_t RecordRing::SkipGap(uint64_t count) const {
  const uint64_t header = words_[PositionOf(count)];
  return (header & kGapBit) != 0 ? count + (header & ~kGapBit) : count;
}

size_t RecordRing::PositionOf(uint64_t count) const {
  return (count - origin_.load(std::memory_order_relaxed)) % capacity_;
}

}  // namespace hotspan
