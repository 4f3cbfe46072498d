#include "stack_profile.h"

#include <algorithm>
#include <vector>

#include "flat_index.h"
#include "saturating.h"

namespace hotspan {
namespace {

void AddTo(StackProfile::Values& sums, const StackProfile::Values& values) {
  for (size_t i = 0; i < kMaxValues; ++i) sums[i] = SaturatingAdd(sums[i], values[i]);
}

uint64_t HashPair(uint32_t a, uint32_t b) {
  return MixBits(static_cast<uint64_t>(a) << 32 | b);
}

}  // namespace

struct StackProfile::Impl {
  struct Node {
    NodeId parent;
    LocationId location;
  };

  Impl(std::shared_ptr<const CodeTable> code_table, Limits given)
      : code(std::move(code_table)),
        max_nodes(std::clamp<size_t>(given.max_nodes, 1, FlatIndex::kAbsent)),
        max_samples(std::min<size_t>(given.max_samples, FlatIndex::kAbsent)) {
    nodes.push_back({kRootNode, kNoId});
  }

  // The child of `parent` at `location`, made if need be; kNoId at the limit.
  NodeId Child(NodeId parent, LocationId location) {
    const uint64_t hash = HashPair(parent, location);
    const uint32_t found = node_index.Find(hash, [&](uint32_t id) {
      return nodes[id].parent == parent && nodes[id].location == location;
    });
    if (found != FlatIndex::kAbsent) return found;
    if (nodes.size() >= max_nodes) return kNoId;
    const auto id = static_cast<NodeId>(nodes.size());
    nodes.push_back({parent, location});
    node_index.Insert(hash, id);
    return id;
  }

  // The sample of (node, labels), made if need be; null at the limit.
  Sample* SampleOf(NodeId node, LabelSetId labels) {
    const uint64_t hash = HashPair(node, labels);
    const uint32_t found = sample_index.Find(hash, [&](uint32_t id) {
      return samples[id].node == node && samples[id].labels == labels;
    });
    if (found != FlatIndex::kAbsent) return &samples[found];
    if (samples.size() >= max_samples) {
      if (samples.size() < merge_at) return nullptr;
      MergeEqualLabels();
      return samples.size() < max_samples ? SampleOf(node, labels) : nullptr;
    }
    sample_index.Insert(hash, static_cast<uint32_t>(samples.size()));
    return &samples.emplace_back(Sample{node, labels, Values{}});
  }

  void MergeEqualLabels() {
    const std::vector<LabelSetId> first_equal = label_sets->FirstEqualIds();
    std::vector<Sample> before;
    before.swap(samples);
    sample_index = FlatIndex(256);
    merge_at = SIZE_MAX;  // not again below
    for (Sample& sample : before) {
      const LabelSetId labels =
          sample.labels < first_equal.size() ? first_equal[sample.labels] : sample.labels;
      AddTo(SampleOf(sample.node, labels)->values, sample.values);
    }
    // Worth its time only when it made room; a table full of distinct samples
    // would be gone through for each sample anew.
    if (samples.size() <= max_samples - max_samples / 8) merge_at = max_samples;
  }

  Sample* Find(std::span<const LocationId> locations, LabelSetId labels) {
    // Stacks of one thread share most of their root side with the one before:
    // nodes are looked up only above the first difference.
    size_t depth = 0;
    const size_t known = std::min(last_path.size(), locations.size());
    while (depth < known &&
           nodes[last_path[depth]].location == locations[locations.size() - 1 - depth]) {
      ++depth;
    }
    last_path.resize(depth);
    NodeId node = depth == 0 ? kRootNode : last_path.back();
    for (; depth < locations.size(); ++depth) {
      node = Child(node, locations[locations.size() - 1 - depth]);
      if (node == kNoId) return nullptr;
      last_path.push_back(node);
    }
    return SampleOf(node, labels);
  }

  std::shared_ptr<const CodeTable> code;
  size_t max_nodes;
  size_t max_samples;
  size_t merge_at = max_samples;  // number of samples that calls for a merge
  std::shared_ptr<LabelSets> label_sets = std::make_shared<LabelSets>();
  std::vector<Node> nodes;  // a parent stands before its children
  std::vector<Sample> samples;
  std::vector<NodeId> last_path;  // of the stack added last, root first
  FlatIndex node_index{1024};
  FlatIndex sample_index{256};
  uint64_t overflow_count = 0;
  Values overflow_values{};
};

StackProfile::StackProfile(std::shared_ptr<const CodeTable> code)
    : StackProfile(std::move(code), Limits{}) {}

StackProfile::StackProfile(std::shared_ptr<const CodeTable> code, Limits limits)
    : impl_(std::make_unique<Impl>(std::move(code), limits)) {}

StackProfile::~StackProfile() = default;

bool StackProfile::Add(std::span<const LocationId> locations, LabelSetId labels,
                       const Values& values) {
  if (Sample* sample = impl_->Find(locations, labels)) {
    AddTo(sample->values, values);
    return true;
  }
  ++impl_->overflow_count;
  AddTo(impl_->overflow_values, values);
  return false;
}

void StackProfile::Merge(const StackProfile& other,
                         const std::function<LabelSetId(LabelSetId)>& labels_of) {
  const auto overflow = [&](uint64_t count, const Values& values) {
    impl_->overflow_count += count;
    AddTo(impl_->overflow_values, values);
  };
  // Nodes there to nodes here; a parent stands before its children.
  std::vector<NodeId> here(other.node_count(), kNoId);
  here[kRootNode] = kRootNode;
  for (NodeId node = 1; node < here.size(); ++node) {
    const NodeId parent = here[other.parent(node)];
    if (parent != kNoId) here[node] = impl_->Child(parent, other.location(node));
  }
  for (const Sample& sample : other.samples()) {
    const NodeId node = here[sample.node];
    Sample* own = node != kNoId ? impl_->SampleOf(node, labels_of(sample.labels)) : nullptr;
    if (own != nullptr) {
      AddTo(own->values, sample.values);
    } else {
      overflow(1, sample.values);
    }
  }
  overflow(other.overflow_count(), other.overflow_values());
}

std::span<const StackProfile::Sample> StackProfile::samples() const { return impl_->samples; }

NodeId StackProfile::parent(NodeId node) const { return impl_->nodes[node].parent; }

LocationId StackProfile::location(NodeId node) const { return impl_->nodes[node].location; }

LabelSets& StackProfile::labels() const { return *impl_->label_sets; }

const std::shared_ptr<LabelSets>& StackProfile::shared_labels() const { return impl_->label_sets; }

size_t StackProfile::node_count() const { return impl_->nodes.size(); }

uint64_t StackProfile::overflow_count() const { return impl_->overflow_count; }

const StackProfile::Values& StackProfile::overflow_values() const {
  return impl_->overflow_values;
}

size_t StackProfile::bytes_held() const {
  return sizeof(Impl) + impl_->nodes.capacity() * sizeof(Impl::Node) +
         impl_->samples.capacity() * sizeof(Sample) + impl_->node_index.bytes_held() +
         impl_->sample_index.bytes_held() +
         impl_->label_sets->bytes_held();
}

const CodeTable& StackProfile::code() const { return *impl_->code; }

const std::shared_ptr<const CodeTable>& StackProfile::shared_code() const {
  return impl_->code;
}

}  // namespace hotspan
