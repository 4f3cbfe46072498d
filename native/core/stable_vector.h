#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace hotspan {

// An append-only vector whose elements never move, for one writer at a time and
// any number of readers without a lock: a JS thread appends while an encoder
// on another thread reads.
//
// Push() publishes with a release store of the size; size() is an acquire
// load, so every index below a value size() returned may be read. T must be
// immutable after Push(), or made of atomics.
template <typename T, size_t kChunkSize = 1024, size_t kMaxChunks = 4096>
class StableVector {
 public:
  static constexpr size_t kCapacity = kChunkSize * kMaxChunks;

  StableVector() = default;
  StableVector(const StableVector&) = delete;
  StableVector& operator=(const StableVector&) = delete;
  ~StableVector() {
    for (auto& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
  }

  // REQUIRES: called by the single writer. Returns the new index, or
  // kCapacity when the vector is full (nothing is appended then).
  template <typename... Args>
  size_t Push(Args&&... args) {
    size_t index = size_.load(std::memory_order_relaxed);
    if (index == kCapacity) return kCapacity;
    auto& slot = chunks_[index / kChunkSize];
    T* chunk = slot.load(std::memory_order_relaxed);
    if (chunk == nullptr) {
      chunk = new T[kChunkSize];
      slot.store(chunk, std::memory_order_relaxed);
    }
    std::destroy_at(&chunk[index % kChunkSize]);
    std::construct_at(&chunk[index % kChunkSize], std::forward<Args>(args)...);
    size_.store(index + 1, std::memory_order_release);
    return index;
  }

  size_t size() const { return size_.load(std::memory_order_acquire); }

  // REQUIRES: index < a value that size() returned.
  const T& operator[](size_t index) const {
    return chunks_[index / kChunkSize].load(std::memory_order_relaxed)[index % kChunkSize];
  }
  T& operator[](size_t index) {
    return chunks_[index / kChunkSize].load(std::memory_order_relaxed)[index % kChunkSize];
  }

  size_t bytes_held() const {
    return (size() + kChunkSize - 1) / kChunkSize * kChunkSize * sizeof(T) + sizeof(*this);
  }

 private:
  std::array<std::atomic<T*>, kMaxChunks> chunks_{};
  std::atomic<size_t> size_{0};
};

}  // namespace hotspan
