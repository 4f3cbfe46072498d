#include "allocation_stacks.h"

#include <algorithm>
#include <cmath>

namespace hotspan {
namespace {

// A program that makes new stacks for ever must not grow for ever.
constexpr size_t kMaxStacks = 64 * 1024;

}  // namespace

AllocationSum ScaleSample(size_t size, double interval_bytes) {
  const double objects = 1 / -std::expm1(-static_cast<double>(size) / interval_bytes);
  return {objects, objects * static_cast<double>(size)};
}

uint32_t AllocationStacks::Current(StackSource& source) {
  const uint64_t key = source.Walk();
  Known& known = known_[key % known_.size()];
  if (key == 0 || known.key != key) known = {key, Id(source.Resolve())};
  return known.id;
}

uint32_t AllocationStacks::Id(std::span<const LocationId> stack) {
  const auto first = std::find_if(stack.begin(), stack.end(), [&](LocationId id) {
    if (id == kNoId) return false;
    const Location& location = code_->location(id);
    return location.kind == LocationKind::kJs && code_->function(location.function).script != kNoId;
  });
  std::vector<LocationId> key(first, stack.end());
  if (key.empty()) key.push_back(code_->SyntheticLocation("(V8 API)"));
  if (ids_.size() >= kMaxStacks && !ids_.contains(key)) {
    key = {code_->SyntheticLocation("(stack table full)")};
  }
  const auto [entry, added] = ids_.try_emplace(std::move(key), static_cast<uint32_t>(stacks_.size()));
  if (added) {
    stacks_.push_back(&entry->first);
    allocated_.emplace_back();
  }
  return entry->second;
}

void AllocationStacks::AddTo(StackProfile& profile, LabelSetId labels, const Sums& live,
                             const Sums& before) const {
  for (size_t id = 0; id < stacks_.size(); ++id) {
    const AllocationSum in_use = id < live.size() ? live[id] : AllocationSum{};
    const AllocationSum was = id < before.size() ? before[id] : AllocationSum{};
    const StackProfile::Values values{std::llround(allocated_[id].objects - was.objects),
                                      std::llround(allocated_[id].bytes - was.bytes),
                                      std::llround(in_use.objects), std::llround(in_use.bytes)};
    if (values != StackProfile::Values{}) profile.Add(*stacks_[id], labels, values);
  }
}

void AllocationStacks::Clear() {
  stacks_.clear();
  ids_.clear();
  allocated_.clear();
  known_ = {};
}

size_t AllocationStacks::bytes_held() const {
  size_t bytes = allocated_.capacity() * sizeof(AllocationSum);
  for (const auto& [stack, id] : ids_) bytes += 96 + stack.capacity() * sizeof(LocationId);
  return bytes;
}

}  // namespace hotspan
