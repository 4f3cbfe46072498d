#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "late_values.h"

namespace hotspan {

// A label of a sample: key to text or number.
struct Label {
  std::string key;
  std::string text;     // used when !is_number
  int64_t number = 0;
  bool is_number = false;
  // Not 0: the text of this late value, if it has one by then, else `text`;
  // when that is empty too, there is no such label.
  LateValueId late = 0;
  // Text that the outermost function of the stacks replaces: see
  // ProfilePart::label_of_root, the only place that heeds it.
  bool by_root = false;
};

using LabelSetId = uint32_t;  // 0 = no labels

// The labels of one profile's samples. A sample is taken before its labels are
// known: it gets an id, and the id its labels a little later. Equal sets are
// kept once.
//
// Bounded: what finds no room is counted, and the samples go on without labels.
// Any thread; Get() only after Freeze().
class LabelSets {
 public:
  struct Limits {
    size_t max_ids = 1024 * 1024;
    size_t max_sets = 64 * 1024;          // distinct
    size_t max_bytes = 16 * 1024 * 1024;  // of keys and texts
  };

  LabelSets();
  explicit LabelSets(Limits limits);
  ~LabelSets();
  LabelSets(const LabelSets&) = delete;
  LabelSets& operator=(const LabelSets&) = delete;

  // A new id, whose labels follow by Assign(). 0 when there is no room.
  LabelSetId Reserve();
  // The first labels an id gets stay. Does nothing once frozen.
  void Assign(LabelSetId id, std::span<const Label> labels);
  // Takes over the labels of `other`, each set together with `more`. Returns the
  // id here for each id there.
  std::vector<LabelSetId> Adopt(const LabelSets& other, std::span<const Label> more);
  // One more sample goes without labels, for want of room elsewhere.
  void CountDropped();
  // The ids by which samples can be told apart: for each id the first one that
  // has the same labels. An id without labels so far stands for itself.
  std::vector<LabelSetId> FirstEqualIds() const;

  // Ends all change and looks up late values, so that an encoder can read
  // without a lock. Idempotent.
  void Freeze(const LateValues& late_values);

  struct Entry {
    std::string_view key, text;
    int64_t number;
    bool is_number;
  };
  // REQUIRES: frozen. Views live as long as the table. Empty for an id that is
  // not known or got no labels.
  std::span<const Entry> Get(LabelSetId id) const;

  struct Counts {
    uint64_t dropped = 0;   // ids that found no room, or whose labels found none
    uint64_t awaiting = 0;  // ids whose labels have not come
  };
  Counts counts() const;
  size_t bytes_held() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hotspan
