#include "label_sets.h"

#include <algorithm>
#include <mutex>

#include "flat_index.h"
#include "string_table.h"

namespace hotspan {
namespace {

constexpr uint32_t kAwaiting = UINT32_MAX;
constexpr uint32_t kEmptySet = 0;

// A label with its strings interned.
struct Item {
  StringId key = 0, text = 0;
  int64_t number = 0;
  bool is_number = false;
  LateValueId late = 0;
  bool operator==(const Item&) const = default;
};

uint64_t HashItems(std::span<const Item> items) {
  uint64_t hash = items.size();
  for (const Item& item : items) {
    hash = MixBits(hash + item.key);
    hash = MixBits(hash + item.text + (uint64_t{item.is_number} << 32));
    hash = MixBits(hash + static_cast<uint64_t>(item.number));
    hash = MixBits(hash + item.late);
  }
  return hash;
}

}  // namespace

struct LabelSets::Impl {
  struct Set {
    size_t first = 0, count = 0;   // in items
    LabelSetId first_id = 0;       // that got it
    size_t shown = 0, shown_count = 0;  // in entries, once frozen
  };

  explicit Impl(Limits given) : limits(given) {
    sets.push_back({});
    set_of.push_back(kEmptySet);
  }

  std::span<const Item> ItemsOf(const Set& set) const {
    return std::span(items).subspan(set.first, set.count);
  }

  // The set's number, kEmptySet when there is no room for it.
  uint32_t AddSet(std::span<const Item> wanted, LabelSetId first_id) {
    const uint64_t hash = HashItems(wanted);
    const uint32_t found = index.Find(hash, [&](uint32_t at) {
      return std::ranges::equal(ItemsOf(sets[at]), wanted);
    });
    if (found != FlatIndex::kAbsent) return found;
    if (sets.size() > limits.max_sets) return kEmptySet;
    const auto at = static_cast<uint32_t>(sets.size());
    sets.push_back({.first = items.size(), .count = wanted.size(), .first_id = first_id});
    items.insert(items.end(), wanted.begin(), wanted.end());
    index.Insert(hash, at);
    return at;
  }

  const Limits limits;
  mutable std::mutex mutex;  // guards all below until frozen; then nothing changes
  bool frozen = false;
  std::vector<uint32_t> set_of;  // by id; kAwaiting: no labels so far
  std::vector<Set> sets;         // [0] is the empty one
  std::vector<Item> items;
  std::vector<Entry> entries;  // made by Freeze()
  FlatIndex index;
  // Made with the first label: most profiles of a quiet process have none.
  std::unique_ptr<StringTable> strings;
  std::vector<Item> scratch;
  uint64_t dropped = 0, awaiting = 0;
};

LabelSets::LabelSets() : LabelSets(Limits{}) {}
LabelSets::LabelSets(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
LabelSets::~LabelSets() = default;

LabelSetId LabelSets::Reserve() {
  std::lock_guard lock(impl_->mutex);
  if (impl_->frozen || impl_->set_of.size() > impl_->limits.max_ids) {
    ++impl_->dropped;
    return 0;
  }
  impl_->set_of.push_back(kAwaiting);
  ++impl_->awaiting;
  return static_cast<LabelSetId>(impl_->set_of.size() - 1);
}

void LabelSets::Assign(LabelSetId id, std::span<const Label> labels) {
  std::lock_guard lock(impl_->mutex);
  Impl& impl = *impl_;
  if (impl.frozen || id >= impl.set_of.size() || impl.set_of[id] != kAwaiting) return;
  --impl.awaiting;
  impl.set_of[id] = kEmptySet;
  if (labels.empty()) return;
  if (impl.strings == nullptr) impl.strings = std::make_unique<StringTable>();
  if (impl.strings->bytes_held() > impl.limits.max_bytes) {
    ++impl.dropped;
    return;
  }
  impl.scratch.clear();
  for (const Label& label : labels) {
    impl.scratch.push_back({.key = impl.strings->Intern(label.key),
                            .text = label.is_number ? 0 : impl.strings->Intern(label.text),
                            .number = label.is_number ? label.number : 0,
                            .is_number = label.is_number,
                            .late = label.late});
  }
  impl.set_of[id] = impl.AddSet(impl.scratch, id);
  if (impl.set_of[id] == kEmptySet) ++impl.dropped;
}

std::vector<LabelSetId> LabelSets::Adopt(const LabelSets& other, std::span<const Label> more) {
  std::vector<uint32_t> set_there;
  std::vector<std::vector<Label>> sets;
  {
    std::lock_guard lock(other.impl_->mutex);
    const Impl& there = *other.impl_;
    set_there = there.set_of;
    for (const Impl::Set& set : there.sets) {
      std::vector<Label>& labels = sets.emplace_back(more.begin(), more.end());
      for (const Item& item : there.ItemsOf(set)) {
        labels.push_back({.key = std::string(there.strings->Get(item.key)),
                          .text = std::string(there.strings->Get(item.text)),
                          .number = item.number,
                          .is_number = item.is_number,
                          .late = item.late});
      }
    }
  }
  std::vector<LabelSetId> ids;
  for (const std::vector<Label>& labels : sets) {
    const LabelSetId id = Reserve();
    Assign(id, labels);
    ids.push_back(id);
  }
  std::vector<LabelSetId> result;
  for (const uint32_t set : set_there) result.push_back(ids[set == kAwaiting ? kEmptySet : set]);
  return result;
}

void LabelSets::CountDropped() {
  std::lock_guard lock(impl_->mutex);
  ++impl_->dropped;
}

std::vector<LabelSetId> LabelSets::FirstEqualIds() const {
  std::lock_guard lock(impl_->mutex);
  std::vector<LabelSetId> result(impl_->set_of.size());
  for (LabelSetId id = 0; id < result.size(); ++id) {
    const uint32_t set = impl_->set_of[id];
    result[id] = set == kAwaiting ? id : impl_->sets[set].first_id;
  }
  return result;
}

void LabelSets::Freeze(const LateValues& late_values) {
  std::lock_guard lock(impl_->mutex);
  Impl& impl = *impl_;
  if (impl.frozen) return;
  impl.frozen = true;
  impl.entries.reserve(impl.items.size());
  for (Impl::Set& set : impl.sets) {
    set.shown = impl.entries.size();
    for (const Item& item : impl.ItemsOf(set)) {
      StringId text = item.text;
      if (item.late != 0) {
        if (const auto late = late_values.Get(item.late)) text = impl.strings->Intern(*late);
        if (impl.strings->Get(text).empty()) continue;
      }
      impl.entries.push_back({.key = impl.strings->Get(item.key),
                              .text = impl.strings->Get(text),
                              .number = item.number,
                              .is_number = item.is_number});
    }
    set.shown_count = impl.entries.size() - set.shown;
  }
}

std::span<const LabelSets::Entry> LabelSets::Get(LabelSetId id) const {
  const Impl& impl = *impl_;
  if (id >= impl.set_of.size() || impl.set_of[id] == kAwaiting) return {};
  const Impl::Set& set = impl.sets[impl.set_of[id]];
  return std::span(impl.entries).subspan(set.shown, set.shown_count);
}

LabelSets::Counts LabelSets::counts() const {
  std::lock_guard lock(impl_->mutex);
  return {impl_->dropped, impl_->awaiting};
}

size_t LabelSets::bytes_held() const {
  std::lock_guard lock(impl_->mutex);
  return sizeof(Impl) + impl_->set_of.capacity() * sizeof(uint32_t) +
         impl_->sets.capacity() * sizeof(Impl::Set) + impl_->items.capacity() * sizeof(Item) +
         impl_->entries.capacity() * sizeof(Entry) + impl_->index.bytes_held() +
         (impl_->strings != nullptr ? impl_->strings->bytes_held() : 0);
}

}  // namespace hotspan
