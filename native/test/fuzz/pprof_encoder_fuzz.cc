// Fuzzes EncodePprof(): random code tables, tries, labels, mapped locations and
// native frames. What it wrote is read by an independent reader, and stacks,
// labels and sums are compared with those that were put in.

#include <algorithm>
#include <map>
#include <memory>

#include "../../core/pprof_encoder.h"
#include "../../core/utf8.h"
#include "../support/pprof_reader.h"
#include "byte_source.h"

namespace hotspan::test {
namespace {

using Values = StackProfile::Values;
using Key = std::pair<std::vector<PprofFrame>, std::vector<PprofLabel>>;

struct Isolate {
  std::shared_ptr<CodeTable> code = std::make_shared<CodeTable>();
  std::vector<LocationId> locations;
};

// Few and short names, so that functions and locations meet.
StringId Name(ByteSource& source, CodeTable& code) {
  return code.strings().Intern(source.Below(8) == 0 ? source.Text(12)
                                                    : std::string(source.Below(2), 'f'));
}

Isolate MakeIsolate(ByteSource& source) {
  Isolate isolate;
  CodeTable& code = *isolate.code;
  std::vector<FunctionId> functions;
  for (size_t i = source.Below(6); i > 0; --i) {
    functions.push_back(code.AddFunction({.name = Name(source, code),
                                          .file = Name(source, code),
                                          .start_line = static_cast<uint32_t>(source.Below(3))}));
    if (source.Below(4) == 0) code.RenameFunction(functions.back(), Name(source, code));
  }
  for (size_t i = source.Below(24); i > 0; --i) {
    const uint64_t kind = source.Below(8);
    if (kind == 0) {
      isolate.locations.push_back(code.SyntheticLocation(source.Text(4)));
    } else if (kind <= 2) {
      isolate.locations.push_back(code.NativeLocation(source.Below(10)));
    } else if (!functions.empty()) {
      isolate.locations.push_back(
          code.JsLocation(functions[source.Below(functions.size())],
                          static_cast<uint32_t>(source.Flip() ? source.Below(3) : source.Bits(4)),
                          static_cast<uint32_t>(source.Below(3))));
    } else {
      continue;
    }
    if (source.Below(3) == 0) {
      code.SetMapped(isolate.locations.back(),
                     {.function_name = Name(source, code),
                      .file = Name(source, code),
                      .line = static_cast<uint32_t>(source.Below(3)),
                      .column = static_cast<uint32_t>(source.Below(3)),
                      .function_start_line = static_cast<uint32_t>(source.Below(3))});
    }
  }
  if (source.Below(8) == 0) isolate.locations.push_back(kNoId);
  return isolate;
}

NativeFrame MakeNative(ByteSource& source) {
  NativeFrame frame;
  frame.function = source.Flip() ? source.Text(3) : "";
  frame.file = source.Flip() ? "/lib/" + source.Text(3) : source.Flip() ? "libc.so" : "";
  frame.build_id = source.Flip() ? "abcd" : "";
  if (source.Flip()) {
    frame.mapping_start = source.Below(3);
    frame.mapping_limit = source.Below(3);
    frame.mapping_offset = source.Below(2);
  }
  frame.drop = source.Below(4) == 0;
  return frame;
}

std::string OrElse(const std::string& text, const char* otherwise) {
  return text.empty() ? otherwise : text;
}

// What the profile must say for a location; false: nothing.
bool Expected(const CodeTable& code, LocationId id, const std::vector<NativeFrame>& natives,
              PprofFrame& frame) {
  const auto text = [&](StringId s) { return ReplaceInvalidUtf8(code.strings().Get(s)); };
  if (id == kNoId) {
    frame.name = "(code table full)";
    return true;
  }
  const Location& location = code.location(id);
  if (location.kind == LocationKind::kNative) {
    const NativeFrame& native = natives[location.address];
    const std::string base = native.file.substr(native.file.rfind('/') + 1);
    frame.address = location.address;
    frame.file = ReplaceInvalidUtf8(native.file);
    frame.name = ReplaceInvalidUtf8(native.function);
    if (frame.name.empty()) frame.name = base.empty() ? "(unknown)" : "[" + ReplaceInvalidUtf8(base) + "]";
    if (native.mapping_start != 0 || native.mapping_limit != 0) {
      frame.mapping_file = frame.file;
      frame.build_id = native.build_id;
      frame.mapping_start = native.mapping_start;
      frame.mapping_limit = native.mapping_limit;
      frame.mapping_offset = native.mapping_offset;
    }
    return !native.drop;
  }
  const Function& function = code.function(location.function);
  frame.name = text(code.function_name(location.function));
  frame.file = text(function.file);
  frame.start_line = function.start_line;
  frame.line = location.line;
  frame.column = location.column;
  if (const MappedLocation* mapped = code.mapped(id)) {
    if (mapped->function_name != 0) frame.name = text(mapped->function_name);
    frame.file = text(mapped->file);
    frame.start_line = mapped->function_start_line;
    frame.line = mapped->line;
    frame.column = mapped->column;
  }
  frame.name = OrElse(frame.name, "(anonymous)");
  return true;
}

std::vector<Label> MakeLabels(ByteSource& source) {
  std::vector<Label> labels(source.Below(3));
  for (Label& label : labels) {
    label.key = source.Flip() ? "thread" : source.Text(2);
    label.is_number = source.Flip();
    if (label.is_number) {
      label.number = static_cast<int64_t>(source.AnyInteger());
    } else {
      label.text = source.Text(2);
    }
  }
  return labels;
}

std::vector<PprofLabel> ExpectedLabels(const std::vector<Label>& part, const std::vector<Label>& set) {
  std::vector<PprofLabel> labels;
  for (const auto* from : {&part, &set}) {
    for (const Label& l : *from) {
      labels.push_back({ReplaceInvalidUtf8(l.key), ReplaceInvalidUtf8(l.text), l.number});
    }
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

class Trial {
 public:
  Trial(const uint8_t* data, size_t size) : source_(data, size) {}

  void Run() {
    for (size_t i = 0; i < 10; ++i) natives_.push_back(MakeNative(source_));
    options_.sample_types.resize(1 + source_.Below(kMaxValues));
    for (auto& type : options_.sample_types) type = {source_.Text(3), "count"};
    options_.comments.assign(source_.Below(3), source_.Text(4));
    options_.period_type = {source_.Text(2), "ns"};
    options_.time_unix_ns = static_cast<int64_t>(source_.AnyInteger());
    std::vector<Isolate> isolates(1 + source_.Below(2));
    for (auto& isolate : isolates) isolate = MakeIsolate(source_);
    for (size_t i = source_.Below(4); i > 0; --i) {
      AddPart(isolates[source_.Below(isolates.size())]);
    }
    Compare(EncodePprof(options_, parts_, [&](std::span<const uint64_t> addresses) {
      Require(!addresses.empty(), "symbolizer called for nothing");
      std::vector<NativeFrame> frames;
      for (const uint64_t address : addresses) frames.push_back(natives_[address]);
      return frames;
    }));
  }

 private:
  void AddPart(const Isolate& isolate) {
    ProfilePart part;
    part.labels = MakeLabels(source_);
    std::vector<std::vector<Label>> sets(1 + source_.Below(3));
    for (size_t i = 1; i < sets.size(); ++i) sets[i] = MakeLabels(source_);
    const bool limited = source_.Below(4) == 0;
    auto profile = std::make_shared<StackProfile>(
        isolate.code, limited ? StackProfile::Limits{1 + source_.Below(20), source_.Below(10)}
                              : StackProfile::Limits{});
    for (size_t i = 1; i < sets.size(); ++i) profile->labels().Assign(profile->labels().Reserve(), sets[i]);
    for (size_t i = source_.Below(64); i > 0; --i) {
      std::vector<LocationId> stack(isolate.locations.empty() ? 0 : source_.Below(10));
      for (auto& id : stack) id = isolate.locations[source_.Below(isolate.locations.size())];
      const auto labels = static_cast<LabelSetId>(source_.Below(sets.size()));
      // Not so large that sums stick: the oracle adds in another order.
      Values values{};
      for (auto& value : values) value = static_cast<int64_t>(source_.AnyInteger()) >> 20;
      if (source_.Below(8) == 0) values = {};
      const bool kept = profile->Add(stack, labels, values);
      Expect(isolate, part, kept ? &stack : nullptr, kept ? sets[labels] : std::vector<Label>{}, values);
    }
    part.profile = std::move(profile);
    parts_.push_back(std::move(part));
  }

  void Expect(const Isolate& isolate, const ProfilePart& part, const std::vector<LocationId>* stack,
              const std::vector<Label>& labels, const Values& values) {
    Key key;
    if (stack != nullptr) {
      for (const LocationId id : *stack) {
        PprofFrame frame;
        if (Expected(*isolate.code, id, natives_, frame)) key.first.push_back(frame);
      }
    }
    if (key.first.empty()) {
      key.first.push_back({.name = stack != nullptr ? "(unknown)" : "(stack table full)"});
    }
    key.second = ExpectedLabels(part.labels, labels);
    auto& sums = expected_[key];
    for (size_t i = 0; i < options_.sample_types.size(); ++i) sums[i] += values[i];
  }

  void Compare(const std::string& bytes) {
    std::string error;
    const auto profile = ReadPprof(bytes, error);
    Require(profile.has_value(), error);
    std::map<Key, Values> actual;
    for (const PprofSample& sample : profile->samples) {
      auto& sums = actual[{sample.frames, sample.labels}];
      // Two entries only where samples differ in labels that no reader tells
      // apart (a number of 0 and an empty text) or bytes that were repaired.
      for (size_t i = 0; i < sample.values.size(); ++i) sums[i] += sample.values[i];
    }
    std::erase_if(expected_, [](const auto& entry) { return entry.second == Values{}; });
    std::erase_if(actual, [](const auto& entry) { return entry.second == Values{}; });
    Require(actual == expected_, "stacks, labels and values");
    Require(profile->sample_types.size() == options_.sample_types.size(), "sample types");
    std::vector<std::string> comments;
    for (const auto& comment : options_.comments) {
      if (!comment.empty()) comments.push_back(ReplaceInvalidUtf8(comment));
    }
    Require(profile->comments == comments, "comments");
    Require(profile->time_nanos == options_.time_unix_ns, "time");
  }

  ByteSource source_;
  PprofOptions options_;
  std::vector<NativeFrame> natives_;
  std::vector<ProfilePart> parts_;
  std::map<Key, Values> expected_;
};

}  // namespace
}  // namespace hotspan::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  hotspan::test::Trial(data, size).Run();
  return 0;
}
