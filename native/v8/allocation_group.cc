#include "allocation_group.h"

#include <optional>

namespace hotspan {

AllocationGroup ReadAllocationGroup(const HeapReader& heap, uint64_t address, size_t size,
                                    std::minstd_rand& random) {
  constexpr uint64_t kWord = sizeof(uint64_t);
  // More than one stretch of optimized code allocates; else there is no end to a
  // list of small things that is none.
  constexpr int kMostParts = 64;
  const auto all = static_cast<uint32_t>(size);
  AllocationGroup one{1, all, 0, all};
  AllocationGroup group{0, 0};
  uint64_t at = address;
  const uint64_t end = address + size;
  for (int i = 0; i < kMostParts && at < end; ++i) {
    // Not guarded: a system call for each sample would be most of what it costs.
    const uint64_t map = *reinterpret_cast<const uint64_t*>(at);
    const std::optional<HeapReader::MapFacts> facts = heap.ProvenFacts(map);
    if (!facts) return one;
    one.chosen = address;
    uint64_t part = facts->size_in_words * kWord;
    if (part > end - at) return one;
    if (part == 0) part = end - at;  // an array or a string: the last, as far as is known
    // One word has room for no field: it fills a gap.
    const bool lasts = facts->type != heap.layout().type_allocation_memento && part > kWord;
    if (lasts) {
      const auto bytes = static_cast<uint32_t>(part);
      ++group.objects;
      group.bytes += bytes;
      if (group.bytes == bytes || random() % group.bytes < bytes) {
        group.chosen = at;
        group.chosen_bytes = bytes;
      }
    }
    at += part;
  }
  return at == end && group.objects > 0 ? group : one;
}

}  // namespace hotspan
