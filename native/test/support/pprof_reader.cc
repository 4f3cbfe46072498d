#include "pprof_reader.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <tuple>

namespace hotspan::test {
namespace {

[[noreturn]] void Fail(const std::string& why) { throw std::runtime_error(why); }

void Need(bool condition, const char* why) {
  if (!condition) Fail(why);
}

class Wire {
 public:
  explicit Wire(std::string_view bytes) : bytes_(bytes) {}
  bool done() const { return bytes_.empty(); }

  uint64_t Varint() {
    uint64_t value = 0;
    for (int i = 0; i < 10; ++i) {
      Need(!bytes_.empty(), "varint past the end");
      const auto byte = static_cast<uint8_t>(bytes_[0]);
      bytes_.remove_prefix(1);
      Need(i < 9 || byte <= 1, "varint above 64 bits");
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        Need(i == 0 || byte != 0, "varint longer than need be");
        return value;
      }
    }
    Fail("varint too long");
  }

  std::string_view Block() {
    const uint64_t size = Varint();
    Need(size <= bytes_.size(), "block past the end");
    const auto block = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return block;
  }

 private:
  std::string_view bytes_;
};

struct Field {
  uint64_t number = 0;
  bool is_block = false;
  uint64_t value = 0;
  std::string_view block;

  uint64_t Int() const {
    Need(!is_block, "expected a varint field");
    return value;
  }
  std::string_view Block() const {
    Need(is_block, "expected a length-delimited field");
    return block;
  }
};

template <typename Visit>
void ForEachField(std::string_view bytes, Visit&& visit) {
  Wire wire(bytes);
  while (!wire.done()) {
    const uint64_t tag = wire.Varint();
    Field field{.number = tag >> 3, .is_block = (tag & 7) == 2};
    Need(field.number != 0 && ((tag & 7) == 0 || field.is_block), "bad tag");
    if (field.is_block) {
      field.block = wire.Block();
    } else {
      field.value = wire.Varint();
    }
    visit(field);
  }
}

// A message of scalar fields, each at most once.
std::map<uint64_t, Field> Flat(std::string_view bytes, uint64_t last_field) {
  std::map<uint64_t, Field> fields;
  ForEachField(bytes, [&](const Field& field) {
    Need(field.number <= last_field, "unknown field");
    Need(fields.emplace(field.number, field).second, "field given twice");
  });
  return fields;
}

std::vector<uint64_t> Packed(std::string_view bytes) {
  std::vector<uint64_t> values;
  for (Wire wire(bytes); !wire.done();) values.push_back(wire.Varint());
  return values;
}

bool ValidUtf8(std::string_view text) {
  // Decodes to code points and judges these: slower and plainer than the code
  // under test.
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2
                        : lead >> 3 == 30 ? 3 : 9;
    if (more == 9 || i + more >= text.size()) return false;
    uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
    for (size_t k = 1; k <= more; ++k) {
      const auto byte = static_cast<uint8_t>(text[i + k]);
      if (byte >> 6 != 2) return false;
      point = point << 6 | (byte & 0x3fu);
    }
    constexpr uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (point < kLeast[more] || point > 0x10ffff) return false;
    if (point >= 0xd800 && point <= 0xdfff) return false;
    i += more + 1;
  }
  return true;
}

class Reader {
 public:
  PprofProfile Read(std::string_view bytes) {
    ForEachField(bytes, [&](const Field& field) {
      if (field.number == 6) {
        profile_.strings.emplace_back(field.Block());
      } else {
        fields_.push_back(field);
      }
    });
    CheckStrings();
    ReadMappings();
    ReadFunctions();
    ReadLocations();
    ReadTop();
    ReadSamples();
    Need(used_mappings_.size() == mappings_.size(), "mapping not used");
    Need(used_functions_.size() == functions_.size(), "function not used");
    Need(used_locations_.size() == locations_.size(), "location not used");
    profile_.mapping_count = mappings_.size();
    profile_.function_count = functions_.size();
    profile_.location_count = locations_.size();
    return profile_;
  }

 private:
  void CheckStrings() {
    Need(!profile_.strings.empty() && profile_.strings[0].empty(), "string 0 is not empty");
    std::set<std::string> seen;
    for (const auto& text : profile_.strings) {
      Need(ValidUtf8(text), "string is not UTF-8");
      Need(seen.insert(text).second, "string given twice");
    }
  }

  const std::string& String(uint64_t index) const {
    Need(index < profile_.strings.size(), "string index does not resolve");
    return profile_.strings[index];
  }

  template <typename Map>
  static const auto& Lookup(const Map& map, uint64_t id, std::set<uint64_t>& used,
                            const char* why) {
    const auto found = map.find(id);
    Need(found != map.end(), why);
    used.insert(id);
    return found->second;
  }

  template <typename Visit>
  void ForEachTop(uint64_t number, Visit&& visit) {
    for (const Field& field : fields_) {
      if (field.number == number) visit(field);
    }
  }

  void ReadMappings() {
    ForEachTop(3, [&](const Field& top) {
      auto f = Flat(top.Block(), 10);
      PprofFrame mapping;
      mapping.mapping_start = f[2].Int();
      mapping.mapping_limit = f[3].Int();
      mapping.mapping_offset = f[4].Int();
      mapping.mapping_file = String(f[5].Int());
      mapping.build_id = String(f[6].Int());
      Need(f[1].Int() != 0 && mappings_.emplace(f[1].Int(), mapping).second, "bad mapping id");
    });
  }

  void ReadFunctions() {
    std::set<std::tuple<uint64_t, uint64_t, uint64_t>> seen;
    ForEachTop(5, [&](const Field& top) {
      auto f = Flat(top.Block(), 5);
      PprofFrame function;
      function.name = String(f[2].Int());
      Need(!function.name.empty(), "function without a name");
      String(f[3].Int());
      function.file = String(f[4].Int());
      function.start_line = static_cast<int64_t>(f[5].Int());
      Need(f[1].Int() != 0 && functions_.emplace(f[1].Int(), function).second, "bad function id");
      Need(seen.emplace(f[2].Int(), f[4].Int(), f[5].Int()).second, "function given twice");
    });
  }

  void ReadLocations() {
    std::set<PprofFrame> seen;
    ForEachTop(4, [&](const Field& top) {
      uint64_t id = 0, mapping = 0, address = 0;
      std::vector<std::string_view> lines;
      ForEachField(top.Block(), [&](const Field& field) {
        if (field.number == 1) id = field.Int();
        if (field.number == 2) mapping = field.Int();
        if (field.number == 3) address = field.Int();
        if (field.number == 4) lines.push_back(field.Block());
        Need(field.number <= 4, "unknown field of a location");
      });
      Need(lines.size() == 1, "location without exactly one line");
      auto line = Flat(lines[0], 3);
      PprofFrame frame =
          Lookup(functions_, line[1].Int(), used_functions_, "function id does not resolve");
      if (mapping != 0) {
        const PprofFrame& m =
            Lookup(mappings_, mapping, used_mappings_, "mapping id does not resolve");
        frame.mapping_file = m.mapping_file;
        frame.build_id = m.build_id;
        frame.mapping_start = m.mapping_start;
        frame.mapping_limit = m.mapping_limit;
        frame.mapping_offset = m.mapping_offset;
      }
      frame.address = address;
      frame.line = static_cast<int64_t>(line[2].Int());
      frame.column = static_cast<int64_t>(line[3].Int());
      Need(seen.insert(frame).second, "location given twice");
      Need(id != 0 && locations_.emplace(id, frame).second, "bad location id");
    });
  }

  PprofValueType ReadValueType(std::string_view bytes) {
    auto f = Flat(bytes, 2);
    return {String(f[1].Int()), String(f[2].Int())};
  }

  void ReadTop() {
    for (const Field& field : fields_) {
      switch (field.number) {
        case 1: profile_.sample_types.push_back(ReadValueType(field.Block())); break;
        case 2: case 3: case 4: case 5: break;
        case 9: profile_.time_nanos = static_cast<int64_t>(field.Int()); break;
        case 10: profile_.duration_nanos = static_cast<int64_t>(field.Int()); break;
        case 11: profile_.period_type = ReadValueType(field.Block()); break;
        case 12: profile_.period = static_cast<int64_t>(field.Int()); break;
        case 13: profile_.comments.push_back(String(field.Int())); break;
        case 14: profile_.default_sample_type = String(field.Int()); break;
        default: Fail("unknown field of the profile");
      }
    }
  }

  void ReadSamples() {
    std::set<std::pair<std::vector<uint64_t>, std::vector<PprofLabel>>> seen;
    ForEachTop(2, [&](const Field& top) {
      std::vector<uint64_t> stack;
      PprofSample sample;
      ForEachField(top.Block(), [&](const Field& field) {
        if (field.number == 1) stack = Packed(field.Block());
        if (field.number == 2) {
          for (const uint64_t v : Packed(field.Block())) {
            sample.values.push_back(static_cast<int64_t>(v));
          }
        }
        if (field.number == 3) {
          auto f = Flat(field.Block(), 4);
          Need(f[2].Int() == 0 || f[3].Int() == 0, "label with text and number");
          sample.labels.push_back({String(f[1].Int()), String(f[2].Int()),
                                   static_cast<int64_t>(f[3].Int())});
        }
        Need(field.number <= 3, "unknown field of a sample");
      });
      Need(!stack.empty(), "sample without a stack");
      Need(sample.values.size() == profile_.sample_types.size(), "wrong number of values");
      for (const uint64_t id : stack) {
        sample.frames.push_back(
            Lookup(locations_, id, used_locations_, "location id does not resolve"));
      }
      std::sort(sample.labels.begin(), sample.labels.end());
      Need(seen.emplace(stack, sample.labels).second, "stack and labels given twice");
      profile_.samples.push_back(std::move(sample));
    });
  }

  PprofProfile profile_;
  std::vector<Field> fields_;
  std::map<uint64_t, PprofFrame> mappings_, functions_, locations_;
  std::set<uint64_t> used_mappings_, used_functions_, used_locations_;
};

}  // namespace

std::optional<PprofProfile> ReadPprof(std::string_view bytes, std::string& error) {
  try {
    return Reader().Read(bytes);
  } catch (const std::runtime_error& failure) {
    error = failure.what();
    return std::nullopt;
  }
}

}  // namespace hotspan::test
