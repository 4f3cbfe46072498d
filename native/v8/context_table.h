#pragma once

#include <v8.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../core/label_sets.h"
#include "heap_reader.h"

namespace hotspan {

// Where the labels of a context come from: JavaScript, which runs in it.
class LabelSource {
 public:
  virtual ~LabelSource() = default;
  // Asked before a series of contexts. False: nobody gives labels now.
  virtual bool Begin() = 0;
  // The labels of the context that is entered.
  virtual std::vector<Label> Collect() = 0;
};

// The async contexts of one isolate's samples, on their way from the sample to
// the labels. Isolate's thread only.
//
// With frames (V8's word for the active async context) a sample's context is
// pinned at the drain and entered anew a little later, in a turn of the event
// loop. With epochs (Node without such a word) an epoch is the time from one
// possible change of context to the next, as far as samples were taken in it:
// JavaScript watches a counter of samples and labels the epoch before it ends.
class ContextTable {
 public:
  enum class Mode { kOff, kFrames, kEpochs };

  explicit ContextTable(v8::Isolate* isolate) : isolate_(isolate) {}

  // Whether this V8 has a context word, and JavaScript is inside a context now.
  static bool InsideFrame(v8::Isolate* isolate);

  void Enable(Mode mode, std::unique_ptr<LabelSource> source);
  // Forgets the source and what waits for it. Before the environment ends.
  void Disable();

  // REQUIRES: before the first drain; `reader` outlives the table's use.
  void set_reader(const HeapReader* reader) { reader_ = reader; }

  // For the signal handler: the word to copy, null when there is none, and the
  // counter of samples that JavaScript watches.
  const uint64_t* word() const;
  const std::shared_ptr<std::atomic<uint32_t>>& sample_counter() const { return counter_; }

  // The id that a sample with this word gets in a profile. Words are
  // addresses: good only within the drain begun last.
  void BeginDrain() { by_word_.clear(); }
  // What stands for a word in IdOf() until the next Resolve(), whatever is collected.
  uint64_t Hold(uint64_t word);
  LabelSetId IdOf(uint64_t word, const std::shared_ptr<LabelSets>& sets);
  void EndDrain();

  bool pending() const { return !pending_.empty(); }
  // Enters each pinned context, asks for its labels and lets it go. Runs JS.
  void Resolve();

  // Ends the epoch: its samples have these labels.
  void LabelEpoch(std::vector<Label> labels);

  struct Counts {
    uint64_t resolved = 0;  // contexts entered, or epochs labelled
    uint64_t dropped = 0;   // contexts that found too many waiting
  };
  const Counts& counts() const { return counts_; }

 private:
  // Ids that wait for the same labels, one for each profile.
  using Targets = std::vector<std::pair<std::shared_ptr<LabelSets>, LabelSetId>>;
  struct Pinned {
    v8::Global<v8::Data> frame;  // empty: outside of any context
    Targets targets;
  };
  struct Epoch {
    std::vector<Label> labels;
    Targets targets;
  };

  static LabelSetId TargetIn(Targets& targets, const std::shared_ptr<LabelSets>& sets,
                             bool* added);
  LabelSetId FrameId(uint64_t word, const std::shared_ptr<LabelSets>& sets);
  // The position in pending_; kNone: there are too many.
  uint32_t Pin(uint64_t word);
  uint32_t PositionOfHeld(uint64_t held) const;
  LabelSetId EpochId(uint64_t epoch, const std::shared_ptr<LabelSets>& sets);

  v8::Isolate* isolate_;
  const HeapReader* reader_ = nullptr;
  Mode mode_ = Mode::kOff;
  std::unique_ptr<LabelSource> source_;
  bool resolving_ = false;
  Counts counts_;

  static constexpr uint32_t kNone = UINT32_MAX;
  // A held word: this bit, the series, the position in pending_.
  static constexpr uint64_t kHeldBit = uint64_t{1} << 63;
  static constexpr uint64_t kSeriesMask = 0x7fffffff;
  uint64_t series_ = 1;  // of what is pending
  std::vector<Pinned> pending_;
  std::unordered_map<uint64_t, uint32_t> by_word_;  // into pending_

  // Shared with the array through which JavaScript reads it.
  std::shared_ptr<std::atomic<uint32_t>> counter_ = std::make_shared<std::atomic<uint32_t>>(0);
  uint64_t epoch_ = 1;         // read by the handler
  uint64_t first_epoch_ = 1;   // of ended_
  std::deque<Epoch> ended_;    // labelled, but their samples may not be drained
  Targets current_;            // ids of the present epoch
};

}  // namespace hotspan
