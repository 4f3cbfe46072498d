#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "context_table.h"
#include "frame_resolver.h"
#include "stack_record.h"

namespace hotspan {

// Records that wait over scavenges, to be resolved together: most of the time of a
// drain goes by waiting for code and tables that nothing has used since the one
// before, so one drain of ninety records costs far less than forty of two or three.
// Isolate's thread only.
class KeptRecords {
 public:
  bool empty() const { return words_.empty(); }
  // Takes no more, for its memory's sake. What was added comes first.
  bool full() const { return words_.size() >= kFullWords; }

  // Adds a record as the handler wrote it.
  void Add(std::span<const uint64_t> record, FrameResolver& resolver);
  // Adds one of a collection that has ended, with the code that triggered it.
  void AddCollection(std::span<const uint64_t> record, std::span<const uint64_t> triggered_by,
                     uint64_t context, FrameResolver& resolver);

  // Makes what was added since the last call good until the next mark-compact, and its
  // contexts until they are asked for labels. REQUIRES: the safepoint at which it was
  // added. False: it is as it was and has to be drained at this safepoint.
  bool MakeLasting(FrameResolver& resolver, ContextTable& contexts);

  // Calls visit(record) for each, in the order in which they were added.
  template <typename Visit>
  void Each(Visit&& visit) {
    EachFrom(0, visit);
  }
  void Clear() { words_.clear(), lasting_ = 0; }

 private:
  // Almost a second of stacks of 25 frames at 99 Hz.
  static constexpr size_t kFullWords = 16 * 1024;

  template <typename Visit>
  void EachFrom(size_t first, Visit&& visit) {
    for (size_t at = first; at < words_.size(); at += 1 + words_[at]) {
      visit(std::span(words_).subspan(at + 1, words_[at]));
    }
  }
  static std::span<uint64_t> FramesOf(std::span<uint64_t> record) {
    return record.subspan(RecordHeader::kWords);
  }

  std::vector<uint64_t> words_;  // of each record its length, then the record
  size_t lasting_ = 0;           // up to here they are
};

}  // namespace hotspan
