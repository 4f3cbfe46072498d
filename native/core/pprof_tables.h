#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flat_index.h"
#include "utf8.h"

namespace hotspan {

// Elements without repetition, numbered from 0 in the order of their coming.
// T has operator== and Hash().
template <typename T>
class UniqueTable {
 public:
  uint32_t Add(T item) {
    const uint64_t hash = item.Hash();
    const uint32_t found =
        index_.Find(hash, [&](uint32_t at) { return items_[at] == item; });
    if (found != FlatIndex::kAbsent) return found;
    const auto at = static_cast<uint32_t>(items_.size());
    items_.push_back(std::move(item));
    index_.Insert(hash, at);
    return at;
  }

  const std::vector<T>& items() const { return items_; }

 private:
  std::vector<T> items_;
  FlatIndex index_;
};

// pprof's string table: entry 0 empty, all valid UTF-8. Strings are referred
// to, not copied, unless they had to be repaired.
class PprofStrings {
 public:
  PprofStrings() { Add(""); }

  // REQUIRES: the bytes of `text` outlive the table.
  uint32_t Add(std::string_view text) {
    if (IsValidUtf8(text)) return strings_.Add({text});
    return AddCopy(ReplaceInvalidUtf8(text));
  }

  // For text made on the way. REQUIRES: valid UTF-8.
  uint32_t AddCopy(std::string text) {
    const size_t known = strings_.items().size();
    const uint32_t at = strings_.Add({copies_.emplace_back(std::move(text))});
    if (strings_.items().size() == known) copies_.pop_back();
    return at;
  }

  const auto& items() const { return strings_.items(); }

  struct Entry {
    std::string_view text;
    bool operator==(const Entry&) const = default;
    uint64_t Hash() const { return std::hash<std::string_view>{}(text); }
  };

 private:
  UniqueTable<Entry> strings_;
  std::deque<std::string> copies_;  // a deque: its strings never move
};

// The rows of the pprof tables. Numbers of other rows count from 0 here, and
// from 1 on the wire.
struct PprofFunction {
  uint32_t name = 0;
  uint32_t file = 0;
  uint32_t start_line = 0;
  bool operator==(const PprofFunction&) const = default;
  uint64_t Hash() const {
    return MixBits(MixBits(static_cast<uint64_t>(name) << 32 | file) + start_line);
  }
};

struct PprofMapping {
  uint64_t start = 0;
  uint64_t limit = 0;
  uint64_t offset = 0;
  uint32_t file = 0;
  uint32_t build_id = 0;
  bool operator==(const PprofMapping&) const = default;
  uint64_t Hash() const { return MixBits(MixBits(start) + limit + offset + file + build_id); }
};

struct PprofLocation {
  uint64_t address = 0;     // 0 = not native
  uint32_t mapping_id = 0;  // from 1, 0 = none
  uint32_t function = 0;
  uint32_t line = 0;
  uint32_t column = 0;
  bool operator==(const PprofLocation&) const = default;
  uint64_t Hash() const {
    const uint64_t place = static_cast<uint64_t>(line) << 32 | column;
    return MixBits(MixBits(MixBits(address) + place) + function);
  }
};

// The label fields of a Sample as they stand on the wire, in a fixed order:
// equal sets have equal bytes.
struct PprofLabels {
  std::string encoded;
  bool operator==(const PprofLabels&) const = default;
  uint64_t Hash() const { return std::hash<std::string_view>{}(encoded); }
};

}  // namespace hotspan
