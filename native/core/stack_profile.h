#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "code_table.h"
#include "label_sets.h"

namespace hotspan {

using NodeId = uint32_t;
inline constexpr NodeId kRootNode = 0;  // the empty stack
inline constexpr size_t kMaxValues = 4;

// What one period of sampling adds up to: a trie of stacks and, for each
// (stack, labels), the sum of its values. Used by one thread at a time: filled
// by the isolate's thread, then handed whole to the encoder. The labels() may
// follow later.
class StackProfile {
 public:
  struct Limits {
    size_t max_nodes = 512 * 1024;
    size_t max_samples = 256 * 1024;  // distinct (stack, labels)
  };
  using Values = std::array<int64_t, kMaxValues>;

  explicit StackProfile(std::shared_ptr<const CodeTable> code);
  StackProfile(std::shared_ptr<const CodeTable> code, Limits limits);
  ~StackProfile();
  StackProfile(const StackProfile&) = delete;
  StackProfile& operator=(const StackProfile&) = delete;

  // Adds `values` element by element to the stack's sums. `locations` is
  // leaf first. At the limit of samples, those whose labels have turned out to
  // be equal are added up. When a limit is reached the values are added to
  // overflow_values() instead, so totals stay exact, and false is returned.
  bool Add(std::span<const LocationId> locations, LabelSetId labels, const Values& values);

  // Adds all of `other`, which refers to the same CodeTable; `labels_of` gives
  // the labels here of a label set there. What finds no room overflows as in Add.
  void Merge(const StackProfile& other, const std::function<LabelSetId(LabelSetId)>& labels_of);

  struct Sample {
    NodeId node;
    LabelSetId labels;
    Values values;
  };
  std::span<const Sample> samples() const;
  // REQUIRES: node != kRootNode.
  NodeId parent(NodeId node) const;
  LocationId location(NodeId node) const;

  // What the samples' ids stand for.
  LabelSets& labels() const;
  const std::shared_ptr<LabelSets>& shared_labels() const;

  size_t node_count() const;  // the root included
  uint64_t overflow_count() const;
  const Values& overflow_values() const;
  size_t bytes_held() const;
  const CodeTable& code() const;
  const std::shared_ptr<const CodeTable>& shared_code() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hotspan
