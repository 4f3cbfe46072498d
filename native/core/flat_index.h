#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hotspan {

// Finalizer of splitmix64 (Steele, Lea, Flood 2014): every input bit reaches
// every output bit, which linear probing over a power of two needs.
inline uint64_t MixBits(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// An open-addressing hash index of small integers: the caller keeps the
// elements in a vector of its own and looks up their positions here. 8 bytes a
// slot, the hash kept beside the value so that growing touches no element.
// Grows by doubling at 3/4 load; nothing is ever removed. One thread.
class FlatIndex {
 public:
  static constexpr uint32_t kAbsent = UINT32_MAX;

  explicit FlatIndex(size_t slots = 64) : slots_(std::bit_ceil(slots)) {}

  // The value stored under `hash` for which equal(value), kAbsent if none.
  template <typename Equal>
  uint32_t Find(uint64_t hash, Equal&& equal) const {
    const uint32_t tag = Tag(hash);
    for (size_t i = tag & Mask();; i = (i + 1) & Mask()) {
      const Slot& slot = slots_[i];
      if (slot.value == kAbsent) return kAbsent;
      if (slot.tag == tag && equal(slot.value)) return slot.value;
    }
  }

  // REQUIRES: Find() answers kAbsent for the element; value != kAbsent.
  void Insert(uint64_t hash, uint32_t value) {
    if ((used_ + 1) * 4 > slots_.size() * 3) Grow();
    Place({Tag(hash), value});
    ++used_;
  }

  size_t bytes_held() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    uint32_t tag = 0;
    uint32_t value = kAbsent;
  };

  static uint32_t Tag(uint64_t hash) { return static_cast<uint32_t>(hash ^ (hash >> 32)); }
  size_t Mask() const { return slots_.size() - 1; }

  void Place(Slot slot) {
    size_t i = slot.tag & Mask();
    while (slots_[i].value != kAbsent) i = (i + 1) & Mask();
    slots_[i] = slot;
  }

  void Grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.value != kAbsent) Place(slot);
    }
  }

  std::vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace hotspan
