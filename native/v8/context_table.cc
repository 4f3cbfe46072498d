#include "context_table.h"

#include "raw_handle.h"

#define HOTSPAN_HAS_CONTEXT_WORD (V8_MAJOR_VERSION >= 12)

namespace hotspan {
namespace {

// Each holds a context alive. Only code that never returns to the event loop
// has that many waiting.
constexpr size_t kMaxPending = 4096;

#if HOTSPAN_HAS_CONTEXT_WORD

const uint64_t* ContextWord(v8::Isolate* isolate) {
  return reinterpret_cast<const uint64_t*>(
      reinterpret_cast<uint64_t>(isolate) +
      v8::internal::Internals::kContinuationPreservedEmbedderDataOffset);
}

v8::Local<v8::Data> CurrentFrame(v8::Isolate* isolate) {
#if V8_MAJOR_VERSION >= 14
  return isolate->GetContinuationPreservedEmbedderDataV2();
#else
  return isolate->GetContinuationPreservedEmbedderData();
#endif
}

void EnterFrame(v8::Isolate* isolate, v8::Local<v8::Data> frame) {
#if V8_MAJOR_VERSION >= 14
  isolate->SetContinuationPreservedEmbedderDataV2(frame);
#else
  isolate->SetContinuationPreservedEmbedderData(frame.As<v8::Value>());
#endif
}

#else

const uint64_t* ContextWord(v8::Isolate*) { return nullptr; }
v8::Local<v8::Data> CurrentFrame(v8::Isolate* isolate) { return v8::Undefined(isolate); }
void EnterFrame(v8::Isolate*, v8::Local<v8::Data>) {}

#endif

bool IsObject(v8::Local<v8::Data> data) {
  return data->IsValue() && data.As<v8::Value>()->IsObject();
}

void AssignAll(const std::vector<std::pair<std::shared_ptr<LabelSets>, LabelSetId>>& targets,
               std::span<const Label> labels) {
  for (const auto& [sets, id] : targets) sets->Assign(id, labels);
}

}  // namespace

bool ContextTable::InsideFrame(v8::Isolate* isolate) {
  if (ContextWord(isolate) == nullptr) return false;
  v8::Local<v8::Data> frame = CurrentFrame(isolate);
  return !frame.IsEmpty() && IsObject(frame);
}

void ContextTable::Enable(Mode mode, std::unique_ptr<LabelSource> source) {
  mode_ = mode;
  source_ = std::move(source);
}

void ContextTable::Disable() {
  mode_ = Mode::kOff;
  pending_.clear();
  ++series_;
  by_word_.clear();
  current_.clear();
  source_.reset();
}

const uint64_t* ContextTable::word() const {
  switch (mode_) {
    case Mode::kFrames: return ContextWord(isolate_);
    case Mode::kEpochs: return &epoch_;
    case Mode::kOff: break;
  }
  return nullptr;
}

LabelSetId ContextTable::IdOf(uint64_t word, const std::shared_ptr<LabelSets>& sets) {
  if (word == 0) return 0;
  switch (mode_) {
    case Mode::kFrames: return FrameId(word, sets);
    case Mode::kEpochs: return EpochId(word, sets);
    case Mode::kOff: break;
  }
  return 0;
}

LabelSetId ContextTable::TargetIn(Targets& targets, const std::shared_ptr<LabelSets>& sets,
                                  bool* added) {
  *added = false;
  for (const auto& [known, id] : targets) {
    if (known == sets) return id;
  }
  *added = true;
  LabelSetId id = sets->Reserve();
  targets.emplace_back(sets, id);
  return id;
}

LabelSetId ContextTable::FrameId(uint64_t word, const std::shared_ptr<LabelSets>& sets) {
  const uint32_t position = (word & kHeldBit) != 0 ? PositionOfHeld(word) : Pin(word);
  if (position == kNone) {
    ++counts_.dropped;
    sets->CountDropped();
    return 0;
  }
  bool added;
  return TargetIn(pending_[position].targets, sets, &added);
}

uint32_t ContextTable::Pin(uint64_t word) {
  const auto [known, is_new] = by_word_.try_emplace(word, static_cast<uint32_t>(pending_.size()));
  if (!is_new) return known->second;
  if (pending_.size() >= kMaxPending) {
    by_word_.erase(known);
    return kNone;
  }
  Pinned pinned;
  // The signal may have come before Node set the word the first time, or
  // outside of any context; what is no object is no context.
  if (reader_ != nullptr && reader_->IsLiveJsReceiver(word)) {
    pinned.frame.Reset(isolate_, HandleOver(&word));
  }
  pending_.push_back(std::move(pinned));
  return known->second;
}

uint64_t ContextTable::Hold(uint64_t word) {
  if (mode_ != Mode::kFrames || word == 0) return word;  // an epoch is a number
  return kHeldBit | (series_ & kSeriesMask) << 32 | Pin(word);
}

uint32_t ContextTable::PositionOfHeld(uint64_t held) const {
  const auto position = static_cast<uint32_t>(held);
  const bool pends = (held >> 32 & kSeriesMask) == (series_ & kSeriesMask) && position < pending_.size();
  return pends ? position : kNone;
}

LabelSetId ContextTable::EpochId(uint64_t epoch, const std::shared_ptr<LabelSets>& sets) {
  bool added;
  if (epoch == epoch_) return TargetIn(current_, sets, &added);
  if (epoch < first_epoch_ || epoch - first_epoch_ >= ended_.size()) return 0;
  Epoch& ended = ended_[epoch - first_epoch_];
  if (ended.labels.empty()) return 0;
  LabelSetId id = TargetIn(ended.targets, sets, &added);
  if (added) sets->Assign(id, ended.labels);
  return id;
}

void ContextTable::EndDrain() {
  // The handler writes the present epoch only: no sample of an ended one follows.
  ended_.clear();
  first_epoch_ = epoch_;
}

void ContextTable::LabelEpoch(std::vector<Label> labels) {
  if (mode_ != Mode::kEpochs) return;
  ++counts_.resolved;
  AssignAll(current_, labels);
  current_.clear();
  ended_.push_back({.labels = std::move(labels), .targets = {}});
  // The handler may interrupt here: the store is one instruction.
  *const_cast<volatile uint64_t*>(&epoch_) = epoch_ + 1;
}

void ContextTable::Resolve() {
  if (mode_ != Mode::kFrames || pending_.empty() || resolving_) return;
  resolving_ = true;
  std::vector<Pinned> contexts;
  contexts.swap(pending_);
  ++series_;
  by_word_.clear();
  v8::HandleScope scope(isolate_);
  v8::Local<v8::Data> before = CurrentFrame(isolate_);
  const bool asked = source_->Begin();
  for (Pinned& context : contexts) {
    std::vector<Label> labels;
    // Begin() and Collect() run JavaScript, which may end the environment.
    if (asked && source_ != nullptr) {
      v8::HandleScope inner(isolate_);
      v8::Local<v8::Data> frame = v8::Undefined(isolate_);
      if (!context.frame.IsEmpty()) frame = context.frame.Get(isolate_);
      EnterFrame(isolate_, frame);
      labels = source_->Collect();
      EnterFrame(isolate_, before);
      ++counts_.resolved;
    }
    AssignAll(context.targets, labels);
    context.frame.Reset();
  }
  resolving_ = false;
}

}  // namespace hotspan
