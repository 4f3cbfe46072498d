#include "pprof_encoder.h"

#include <algorithm>
#include <array>
#include <deque>
#include <tuple>
#include <utility>

#include "pprof_tables.h"
#include "protobuf_writer.h"
#include "saturating.h"

namespace hotspan {
namespace {

// A location's number in the output, from 1; two values say that there is none.
using OutLocation = uint32_t;
constexpr OutLocation kLeftOut = 0;
constexpr OutLocation kNotUsed = UINT32_MAX;

constexpr uint64_t kEmptyStackHash = 0x9e3779b97f4a7c15u;

uint64_t HashFrame(uint64_t callers, OutLocation location) {
  return MixBits(callers + location);
}

bool IsZero(const StackProfile::Values& values, size_t count) {
  return std::all_of(values.begin(), values.begin() + count, [](int64_t v) { return v == 0; });
}

std::string_view BaseName(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// A ProfilePart and where its ids went.
struct Part {
  explicit Part(const ProfilePart& given)
      : source(given), profile(*given.profile), code(profile.code()) {}

  const ProfilePart& source;
  const StackProfile& profile;
  const CodeTable& code;
  std::vector<bool> node_used;
  std::vector<OutLocation> locations;  // by LocationId
  std::vector<uint32_t> strings;       // by StringId; kNotUsed = not yet added
  std::vector<uint32_t> label_sets;    // by LabelSetId; kNotUsed = not yet added
  std::vector<const char*> root_labels;  // by LabelSetId; null = none
};

// A label as it is written: numbers of strings, of which 0 is the empty one.
struct OutLabel {
  uint32_t key = 0;
  uint32_t text = 0;
  int64_t number = 0;
};

struct OutSample {
  const Part* part = nullptr;
  NodeId node = kRootNode;
  OutLocation only = kLeftOut;  // the whole stack, in place of a node's
  uint32_t labels = 0;
  uint64_t stack_hash = 0;
  StackProfile::Values values{};
};

// The output locations of a sample, leaf first; kLeftOut after the last.
class StackCursor {
 public:
  StackCursor(const OutSample& sample, OutLocation unknown_id)
      : part_(sample.part), node_(sample.node), only_(sample.only), unknown_id_(unknown_id) {}

  OutLocation Next() {
    if (only_ != kLeftOut) {
      node_ = kRootNode;
      return std::exchange(only_, kLeftOut);
    }
    while (node_ != kRootNode) {
      const LocationId id = part_->profile.location(node_);
      node_ = part_->profile.parent(node_);
      const OutLocation out = id < part_->locations.size() ? part_->locations[id] : unknown_id_;
      if (out != kLeftOut) return out;
    }
    return kLeftOut;
  }

 private:
  const Part* part_;
  NodeId node_;
  OutLocation only_;
  OutLocation unknown_id_;
};

class Encoder {
 public:
  Encoder(const PprofOptions& options, std::span<const ProfilePart> parts)
      : options_(options), value_count_(std::min(options.sample_types.size(), kMaxValues)) {
    for (const ProfilePart& part : parts) {
      if (part.profile == nullptr) continue;
      part.profile->labels().Freeze(SharedLateValues());
      parts_.emplace_back(part);
    }
  }

  std::string Encode(const NativeSymbolizer& symbolize) {
    for (Part& part : parts_) MarkUsed(part);
    AddNativeLocations(symbolize);
    for (Part& part : parts_) {
      AddLocations(part);
      if (part.source.label_of_root != nullptr) FindRootLabels(part);
      AddSamples(part);
    }
    return Write();
  }

 private:
  // What no sample with a value reaches stays out of the output.
  void MarkUsed(Part& part) {
    const StackProfile& profile = part.profile;
    part.locations.assign(part.code.location_count(), kNotUsed);
    part.node_used.assign(profile.node_count(), false);
    for (const auto& sample : profile.samples()) {
      if (!IsZero(sample.values, value_count_)) part.node_used[sample.node] = true;
    }
    // Parents have smaller ids than their children.
    for (auto node = static_cast<NodeId>(profile.node_count() - 1); node != kRootNode; --node) {
      if (!part.node_used[node]) continue;
      part.node_used[profile.parent(node)] = true;
      const LocationId id = profile.location(node);
      if (id >= part.locations.size() || part.locations[id] != kNotUsed) continue;
      part.locations[id] = kLeftOut;  // used: a number follows in AddLocations
      const Location& location = part.code.location(id);
      if (location.kind == LocationKind::kNative) addresses_.push_back(location.address);
    }
  }

  void AddNativeLocations(const NativeSymbolizer& symbolize) {
    std::sort(addresses_.begin(), addresses_.end());
    addresses_.erase(std::unique(addresses_.begin(), addresses_.end()), addresses_.end());
    if (addresses_.empty()) return;
    if (symbolize) native_frames_ = symbolize(addresses_);
    native_frames_.resize(addresses_.size());
    native_locations_.reserve(addresses_.size());
    for (size_t i = 0; i < addresses_.size(); ++i) {
      native_locations_.push_back(AddNative(addresses_[i], native_frames_[i]));
    }
  }

  OutLocation AddNative(uint64_t address, const NativeFrame& frame) {
    if (frame.drop) return kLeftOut;
    PprofLocation location{.address = address};
    const uint32_t file = strings_.Add(frame.file);
    if (frame.mapping_start != 0 || frame.mapping_limit != 0) {
      location.mapping_id = 1 + mappings_.Add({.start = frame.mapping_start,
                                               .limit = frame.mapping_limit,
                                               .offset = frame.mapping_offset,
                                               .file = file,
                                               .build_id = strings_.Add(frame.build_id)});
    }
    location.function = functions_.Add({.name = NativeName(frame), .file = file});
    return 1 + locations_.Add(location);
  }

  uint32_t NativeName(const NativeFrame& frame) {
    if (!frame.function.empty()) return strings_.Add(frame.function);
    const std::string_view object = BaseName(frame.file);
    if (object.empty()) return strings_.Add("(unknown)");
    return strings_.AddCopy("[" + ReplaceInvalidUtf8(object) + "]");
  }

  void AddLocations(Part& part) {
    for (size_t id = 0; id < part.locations.size(); ++id) {
      OutLocation& out = part.locations[id];
      if (out == kNotUsed) continue;
      const auto location_id = static_cast<LocationId>(id);
      const Location& location = part.code.location(location_id);
      if (location.kind == LocationKind::kNative) {
        const auto at = std::lower_bound(addresses_.begin(), addresses_.end(), location.address);
        out = native_locations_[at - addresses_.begin()];
      } else {
        out = AddNamed(part, location, part.code.mapped(location_id));
      }
    }
  }

  // The outermost frames are the C library's, which start every thread alike.
  void FindRootLabels(Part& part) {
    constexpr size_t kOutermost = 4;
    part.root_labels.assign(part.source.label_sets.size(), nullptr);
    for (const auto& sample : part.profile.samples()) {
      if (sample.labels >= part.root_labels.size() || part.root_labels[sample.labels] != nullptr) {
        continue;
      }
      std::array<LocationId, kOutermost> outermost{};
      size_t count = 0;
      for (NodeId node = sample.node; node != kRootNode; node = part.profile.parent(node)) {
        outermost[count++ % kOutermost] = part.profile.location(node);
      }
      for (size_t i = 0; i < std::min(count, kOutermost); ++i) {
        const Location& location = part.code.location(outermost[i]);
        if (location.kind != LocationKind::kNative) continue;
        const auto at = std::lower_bound(addresses_.begin(), addresses_.end(), location.address);
        if (at == addresses_.end() || *at != location.address) continue;
        const char* label = part.source.label_of_root(native_frames_[at - addresses_.begin()].function);
        if (label != nullptr) part.root_labels[sample.labels] = label;
      }
    }
  }

  OutLocation AddNamed(Part& part, const Location& location, const MappedLocation* mapped) {
    const Function& source = part.code.function(location.function);
    PprofFunction function{.name = AddString(part, part.code.function_name(location.function)),
                           .file = AddString(part, source.file),
                           .start_line = source.start_line};
    PprofLocation out{.line = location.line, .column = location.column};
    if (mapped != nullptr) {
      if (mapped->function_name != 0) function.name = AddString(part, mapped->function_name);
      function.file = AddString(part, mapped->file);
      function.start_line = mapped->function_start_line;
      out.line = mapped->line;
      out.column = mapped->column;
    }
    if (function.name == 0) function.name = strings_.Add("(anonymous)");
    out.function = functions_.Add(function);
    return 1 + locations_.Add(out);
  }

  uint32_t AddString(Part& part, StringId id) {
    if (id >= part.strings.size()) part.strings.resize(id + 1, kNotUsed);
    uint32_t& out = part.strings[id];
    if (out == kNotUsed) out = strings_.Add(part.code.strings().Get(id));
    return out;
  }

  // A frame that stands for no code of the profile.
  OutLocation AddPlaceholder(std::string_view name) {
    return 1 + locations_.Add({.function = functions_.Add({.name = strings_.Add(name)})});
  }

  OutLocation Resolve(const Part& part, LocationId id) {
    if (id < part.locations.size()) return part.locations[id];
    if (unknown_id_ == kLeftOut) unknown_id_ = AddPlaceholder("(code table full)");
    return unknown_id_;
  }

  void AddSamples(Part& part) {
    const StackProfile& profile = part.profile;
    std::vector<uint64_t> hashes(profile.node_count());
    hashes[kRootNode] = kEmptyStackHash;
    for (NodeId node = 1; node < profile.node_count(); ++node) {
      if (!part.node_used[node]) continue;
      const OutLocation location = Resolve(part, profile.location(node));
      const uint64_t callers = hashes[profile.parent(node)];
      hashes[node] = location == kLeftOut ? callers : HashFrame(callers, location);
    }
    part.node_used = {};
    for (const auto& sample : profile.samples()) {
      if (IsZero(sample.values, value_count_)) continue;
      OutSample out{.part = &part,
                    .node = sample.node,
                    .labels = AddLabels(part, sample.labels),
                    .stack_hash = hashes[sample.node],
                    .values = sample.values};
      if (StackCursor(out, unknown_id_).Next() == kLeftOut) ReplaceStack(out, "(unknown)");
      AddSample(out);
    }
    if (!IsZero(profile.overflow_values(), value_count_)) {
      OutSample out{.part = &part,
                    .labels = AddLabels(part, 0),
                    .values = profile.overflow_values()};
      ReplaceStack(out, "(stack table full)");
      AddSample(out);
    }
  }

  void ReplaceStack(OutSample& sample, std::string_view name) {
    sample.only = AddPlaceholder(name);
    sample.stack_hash = HashFrame(kEmptyStackHash, sample.only);
  }

  void AddSample(const OutSample& sample) {
    const uint64_t hash = MixBits(sample.stack_hash ^ sample.labels);
    const uint32_t found = sample_index_.Find(hash, [&](uint32_t at) {
      const OutSample& other = samples_[at];
      return other.labels == sample.labels && other.stack_hash == sample.stack_hash &&
             SameStack(other, sample);
    });
    if (found == FlatIndex::kAbsent) {
      sample_index_.Insert(hash, static_cast<uint32_t>(samples_.size()));
      samples_.push_back(sample);
      return;
    }
    auto& sums = samples_[found].values;
    for (size_t i = 0; i < kMaxValues; ++i) sums[i] = SaturatingAdd(sums[i], sample.values[i]);
  }

  bool SameStack(const OutSample& a, const OutSample& b) const {
    StackCursor left(a, unknown_id_), right(b, unknown_id_);
    for (;;) {
      const OutLocation location = left.Next();
      if (location != right.Next()) return false;
      if (location == kLeftOut) return true;
    }
  }

  uint32_t AddLabels(Part& part, LabelSetId id) {
    const auto& sets = part.source.label_sets;
    if (id >= part.label_sets.size()) part.label_sets.resize(id + 1, kNotUsed);
    uint32_t& out = part.label_sets[id];
    if (out != kNotUsed) return out;

    std::vector<OutLabel> labels;
    const auto add = [&](std::string_view key, std::string_view text, int64_t number, bool is_number) {
      labels.push_back({.key = strings_.Add(key),
                        .text = is_number ? 0 : strings_.Add(text),
                        .number = is_number ? number : 0});
    };
    const char* root = id < part.root_labels.size() ? part.root_labels[id] : nullptr;
    for (const Label& label : part.source.labels) add(label.key, label.text, label.number, label.is_number);
    if (id < sets.size()) {
      for (const Label& label : sets[id]) {
        const std::string_view text = label.by_root && root != nullptr ? root : std::string_view(label.text);
        add(label.key, text, label.number, label.is_number);
      }
    }
    for (const auto& label : part.profile.labels().Get(id)) {
      add(label.key, label.text, label.number, label.is_number);
    }
    // By what is written: texts that differed may be equal once they are valid UTF-8.
    std::ranges::sort(labels, {}, [&](const OutLabel& label) {
      const auto& strings = strings_.items();
      return std::tuple(strings[label.key].text, label.text == 0, strings[label.text].text, label.number);
    });
    PprofLabels encoded;
    ProtobufWriter writer(encoded.encoded);
    for (const OutLabel& label : labels) {
      const size_t begin = writer.Begin(3);
      writer.Uint64(1, label.key);
      writer.Uint64(2, label.text);
      writer.Int64(3, label.number);
      writer.End(begin);
    }
    return out = labels_.Add(std::move(encoded));
  }

  std::string Write() {
    std::string out;
    ProtobufWriter writer(out);
    for (size_t i = 0; i < value_count_; ++i) WriteValueType(writer, 1, options_.sample_types[i]);
    for (const OutSample& sample : samples_) WriteSample(writer, out, sample);
    WriteTables(writer);
    // Interned before the string table is written, though they follow it.
    const uint32_t default_type = strings_.Add(options_.default_sample_type);
    const ValueType& period_type = options_.period_type;
    strings_.Add(period_type.type);
    strings_.Add(period_type.unit);
    for (const std::string& comment : options_.comments) strings_.Add(comment);
    for (const auto& entry : strings_.items()) writer.Bytes(6, entry.text);

    writer.Int64(9, options_.time_unix_ns);
    writer.Int64(10, options_.duration_ns);
    if (!period_type.type.empty()) WriteValueType(writer, 11, period_type);
    writer.Int64(12, options_.period);
    for (const std::string& comment : options_.comments) writer.Uint64(13, strings_.Add(comment));
    writer.Uint64(14, default_type);
    return out;
  }

  void WriteValueType(ProtobufWriter& writer, uint32_t field, const ValueType& type) {
    const size_t begin = writer.Begin(field);
    writer.Uint64(1, strings_.Add(type.type));
    writer.Uint64(2, strings_.Add(type.unit));
    writer.End(begin);
  }

  void WriteSample(ProtobufWriter& writer, std::string& out, const OutSample& sample) {
    const size_t begin = writer.Begin(2);
    const size_t locations = writer.Begin(1);
    StackCursor stack(sample, unknown_id_);
    while (const OutLocation location = stack.Next()) writer.Varint(location);
    writer.End(locations);
    const size_t values = writer.Begin(2);
    for (size_t i = 0; i < value_count_; ++i) {
      writer.Varint(static_cast<uint64_t>(sample.values[i]));
    }
    writer.End(values);
    out.append(labels_.items()[sample.labels].encoded);
    writer.End(begin);
  }

  void WriteTables(ProtobufWriter& writer) {
    uint64_t id = 0;
    for (const PprofMapping& mapping : mappings_.items()) {
      const size_t begin = writer.Begin(3);
      writer.Uint64(1, ++id);
      writer.Uint64(2, mapping.start);
      writer.Uint64(3, mapping.limit);
      writer.Uint64(4, mapping.offset);
      writer.Uint64(5, mapping.file);
      writer.Uint64(6, mapping.build_id);
      writer.Uint64(7, 1);  // has_functions: readers need not symbolize again
      writer.End(begin);
    }
    id = 0;
    for (const PprofLocation& location : locations_.items()) {
      const size_t begin = writer.Begin(4);
      writer.Uint64(1, ++id);
      writer.Uint64(2, location.mapping_id);
      writer.Uint64(3, location.address);
      const size_t line = writer.Begin(4);
      writer.Uint64(1, location.function + uint64_t{1});
      writer.Uint64(2, location.line);
      writer.Uint64(3, location.column);
      writer.End(line);
      writer.End(begin);
    }
    id = 0;
    for (const PprofFunction& function : functions_.items()) {
      const size_t begin = writer.Begin(5);
      writer.Uint64(1, ++id);
      writer.Uint64(2, function.name);
      // No system_name: go tool pprof takes a name equal to it for a mangled one
      // and strips what it reads as C++ parameters, "<anonymous>" among them.
      writer.Uint64(4, function.file);
      writer.Uint64(5, function.start_line);
      writer.End(begin);
    }
  }

  const PprofOptions& options_;
  const size_t value_count_;
  std::deque<Part> parts_;  // a deque: samples point at its elements
  PprofStrings strings_;
  UniqueTable<PprofFunction> functions_;
  UniqueTable<PprofLocation> locations_;
  UniqueTable<PprofMapping> mappings_;
  UniqueTable<PprofLabels> labels_;
  std::vector<uint64_t> addresses_;  // sorted, with the two below in step
  std::vector<NativeFrame> native_frames_;
  std::vector<OutLocation> native_locations_;
  OutLocation unknown_id_ = kLeftOut;  // made when first needed
  std::vector<OutSample> samples_;
  FlatIndex sample_index_;
};

}  // namespace

std::string EncodePprof(const PprofOptions& options, std::span<const ProfilePart> parts,
                        const NativeSymbolizer& symbolize) {
  return Encoder(options, parts).Encode(symbolize);
}

}  // namespace hotspan
