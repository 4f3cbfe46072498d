#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "../platform/address_range.h"

namespace hotspan {

// The address ranges of the WebAssembly modules in which samples of one isolate were.
// Safepoints write them and the signal handler reads them, both on the isolate's
// thread: the handler interrupts the writer and never runs in parallel with it.
class WasmRanges {
 public:
  static constexpr size_t kMax = 128;

  bool Contains_signal(uint64_t pc) const {
    const size_t count = count_.load(std::memory_order_acquire);
    for (size_t i = 0; i < count; ++i) {
      if (ranges_[i].Contains(pc)) return true;
    }
    return false;
  }

  // Of more than kMax the handler knows the first.
  void Set(std::span<const AddressRange> ranges) {
    count_.store(0, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);  // before what follows is written
    size_t count = 0;
    for (const AddressRange& range : ranges) {
      if (count < kMax) ranges_[count++] = range;
    }
    count_.store(count, std::memory_order_release);
  }

 private:
  std::atomic<size_t> count_{0};
  std::array<AddressRange, kMax> ranges_{};
};

}  // namespace hotspan
