#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "layout.h"

namespace hotspan {

// Reads V8's heap objects by address. Nothing is trusted but what V8 itself holds:
// each other read is guarded, and a "type" is what the object's map says. To be
// called at a safepoint only (see isolate_sampler.h), when objects do not move.
// Allocates nothing in V8's heap, so it can run in a GC callback.
class HeapReader {
 public:
  explicit HeapReader(const Layout& layout) : layout_(layout), lines_(kLines), maps_(kMaps) {}

  // To be called at the start of each safepoint: what was read before may have
  // changed since.
  void BeginSafepoint() { ++epoch_; }
  // To be called after each mark-compact, which frees and moves maps; a scavenge
  // does neither.
  void ForgetMaps() { std::fill(maps_.begin(), maps_.end(), KnownMap{}); }

  const Layout& layout() const { return layout_; }

  // One word or 32-bit field of the object a tagged pointer points to.
  std::optional<uint64_t> Word(uint64_t tagged, int offset) const;
  std::optional<int32_t> Int32(uint64_t tagged, int offset) const;
  std::optional<int32_t> Smi(uint64_t tagged, int offset) const;
  bool Bytes(uint64_t tagged, int offset, void* out, size_t size) const;

  // What an object's map tells of it.
  struct MapFacts {
    uint16_t type = 0;        // instance type
    uint8_t size_in_words = 0;  // of each instance; 0: they differ
  };
  // nullopt when `tagged` is no pointer to an object.
  std::optional<MapFacts> FactsOf(uint64_t tagged) const;
  // The same of an object's first word, when that is certainly a map.
  std::optional<MapFacts> ProvenFacts(uint64_t map) const;
  std::optional<int> TypeOf(uint64_t tagged) const;  // the instance type
  bool Is(uint64_t tagged, int type) const { return TypeOf(tagged) == type; }
  bool IsJsFunction(uint64_t tagged) const;
  bool IsJsReceiver(uint64_t tagged) const;
  // The same of a word that V8 itself held when no collection had begun since: read
  // without a guard, which costs microseconds on a thread that comes from other work.
  bool IsLiveJsReceiver(uint64_t tagged) const;

  // Element of a FixedArray-like object; nullopt when out of its bounds.
  std::optional<uint64_t> Element(uint64_t array, int index) const;

  // The string as UTF-8, cut after `max_chars` characters; nullopt when it is
  // not a string. Lone surrogates become U+FFFD.
  std::optional<std::string> String(uint64_t tagged, size_t max_chars = 4096) const;

  // Where the characters of a flat string lie in memory.
  struct FlatString {
    uint64_t address;
    uint32_t length;  // characters
    bool one_byte;
  };
  // Follows thin strings, flattened cons strings and slices; nullopt when the
  // string is not flat. Valid until the next GC.
  std::optional<FlatString> Flatten(uint64_t tagged) const;

 private:
  // Copies of memory, valid for one safepoint: nothing the reader looks at
  // changes meanwhile, and neighbouring words come with one system call.
  static constexpr size_t kLineBytes = 1024, kLines = 64;
  struct Line {
    uint64_t address = 0;
    uint64_t epoch = 0;
    bool readable = false;
    uint8_t bytes[kLineBytes];
  };
  const Line& LineAt(uint64_t address) const;

  // Maps that were proven to be such, as tagged pointers: objects are many, and
  // each line is a system call, but few are the maps.
  static constexpr size_t kMaps = 256;
  struct KnownMap {
    uint64_t map = 0;
    MapFacts facts;
  };
  KnownMap& SlotOf(uint64_t map) const { return maps_[map * 0x9e3779b97f4a7c15u >> 56]; }
  std::optional<MapFacts> FactsOfMap(uint64_t map) const;
  std::optional<MapFacts> FactsIn(uint64_t map) const;
  bool IsMap(uint64_t map) const;

  bool Read(uint64_t address, void* out, size_t size) const;

  bool AppendUtf16(uint64_t tagged, uint32_t from, size_t max_chars, int depth,
                   std::u16string* out) const;

  const Layout& layout_;
  mutable std::vector<Line> lines_;
  mutable std::vector<KnownMap> maps_;
  uint64_t epoch_ = 1;
};

}  // namespace hotspan
