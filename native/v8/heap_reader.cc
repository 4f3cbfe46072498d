#include "heap_reader.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "../platform/guarded_read.h"

namespace hotspan {
namespace {

// String bits of an instance type (v8dbg_String*Mask, the same in every V8
// that hotspan knows; layout.cc refuses others by their version).
constexpr int kFirstNonstringType = 128;
constexpr int kRepresentationMask = 7;
constexpr int kSeq = 0, kCons = 1, kExternal = 2, kSliced = 3, kThin = 5;
constexpr int kOneByteBit = 8;
constexpr int kMaxStringDepth = 64;

std::string ToUtf8(const std::u16string& text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char32_t c = text[i];
    if (c >= 0xd800 && c < 0xe000) {
      bool pair = c < 0xdc00 && i + 1 < text.size() && text[i + 1] >= 0xdc00 && text[i + 1] < 0xe000;
      c = pair ? 0x10000 + ((c - 0xd800) << 10) + (text[++i] - 0xdc00) : 0xfffd;
    }
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xc0 | (c >> 6));
      out += static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      out += static_cast<char>(0xe0 | (c >> 12));
      out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (c & 0x3f));
    } else {
      out += static_cast<char>(0xf0 | (c >> 18));
      out += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
      out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (c & 0x3f));
    }
  }
  return out;
}

}  // namespace

const HeapReader::Line& HeapReader::LineAt(uint64_t address) const {
  Line& line = lines_[address / kLineBytes * 0x9e3779b97f4a7c15u >> 58];
  static_assert(kLines == 64, "the hash above keeps 6 bits");
  if (line.address != address || line.epoch != epoch_) {
    line.address = address;
    line.epoch = epoch_;
    line.readable = GuardedRead(address, line.bytes, kLineBytes);  // lies in one page
  }
  return line;
}

bool HeapReader::Read(uint64_t address, void* out, size_t size) const {
  if (size > kLineBytes || address + size < address) return GuardedRead(address, out, size);
  auto* to = static_cast<uint8_t*>(out);
  while (size > 0) {
    uint64_t in_line = address % kLineBytes;
    size_t count = std::min<size_t>(size, kLineBytes - in_line);
    const Line& line = LineAt(address - in_line);
    if (!line.readable) return false;
    std::memcpy(to, line.bytes + in_line, count);
    to += count;
    address += count;
    size -= count;
  }
  return true;
}

bool HeapReader::Bytes(uint64_t tagged, int offset, void* out, size_t size) const {
  return Read(Untag(tagged) + static_cast<uint64_t>(offset), out, size);
}

std::optional<uint64_t> HeapReader::Word(uint64_t tagged, int offset) const {
  uint64_t word;
  if (!Bytes(tagged, offset, &word, sizeof word)) return std::nullopt;
  return word;
}

std::optional<int32_t> HeapReader::Int32(uint64_t tagged, int offset) const {
  int32_t value;
  if (!Bytes(tagged, offset, &value, sizeof value)) return std::nullopt;
  return value;
}

std::optional<int32_t> HeapReader::Smi(uint64_t tagged, int offset) const {
  std::optional<uint64_t> word = Word(tagged, offset);
  if (!word || !IsSmi(*word)) return std::nullopt;
  return SmiValue(*word);
}

std::optional<int> HeapReader::TypeOf(uint64_t tagged) const {
  std::optional<MapFacts> facts = FactsOf(tagged);
  if (!facts) return std::nullopt;
  return facts->type;
}

std::optional<HeapReader::MapFacts> HeapReader::FactsOf(uint64_t tagged) const {
  if (!IsStrongPointer(tagged)) return std::nullopt;
  std::optional<uint64_t> map = Word(tagged, 0);
  return map ? FactsOfMap(*map) : std::nullopt;
}

std::optional<HeapReader::MapFacts> HeapReader::FactsOfMap(uint64_t map) const {
  if (!IsStrongPointer(map)) return std::nullopt;
  static_assert(kMaps == 256, "SlotOf() keeps 8 bits");
  KnownMap& slot = SlotOf(map);
  if (slot.map == map) return slot.facts;
  std::optional<MapFacts> facts = FactsIn(map);
  // Remembered beyond this safepoint: what is no map now may become one.
  if (facts && IsMap(map)) slot = {map, *facts};
  return facts;
}

std::optional<HeapReader::MapFacts> HeapReader::ProvenFacts(uint64_t map) const {
  std::optional<MapFacts> facts = FactsOfMap(map);
  return facts && SlotOf(map).map == map ? facts : std::nullopt;
}

std::optional<HeapReader::MapFacts> HeapReader::FactsIn(uint64_t map) const {
  MapFacts facts;
  if (!Bytes(map, layout_.map_instance_type, &facts.type, sizeof facts.type) ||
      !Bytes(map, layout_.map_instance_size_words, &facts.size_in_words, 1)) {
    return std::nullopt;
  }
  return facts;
}

// Whether its own map is the map of maps.
bool HeapReader::IsMap(uint64_t map) const {
  std::optional<uint64_t> of_maps = Word(map, 0);
  if (!of_maps || !IsStrongPointer(*of_maps)) return false;
  const KnownMap& known = SlotOf(*of_maps);
  if (known.map == *of_maps) return known.facts.type == layout_.type_map;
  std::optional<MapFacts> facts = FactsIn(*of_maps);
  return facts && facts->type == layout_.type_map;
}

bool HeapReader::IsJsFunction(uint64_t tagged) const {
  std::optional<int> type = TypeOf(tagged);
  return type && *type >= layout_.type_js_function_first && *type <= layout_.type_js_function_last;
}

bool HeapReader::IsJsReceiver(uint64_t tagged) const {
  std::optional<int> type = TypeOf(tagged);
  return type && *type >= layout_.type_first_js_receiver;
}

bool HeapReader::IsLiveJsReceiver(uint64_t tagged) const {
  if (!IsStrongPointer(tagged)) return false;
  std::optional<MapFacts> facts = ProvenFacts(*reinterpret_cast<const uint64_t*>(Untag(tagged)));
  return facts && facts->type >= layout_.type_first_js_receiver;
}

std::optional<uint64_t> HeapReader::Element(uint64_t array, int index) const {
  std::optional<int32_t> length = Smi(array, layout_.array_length);
  if (!length || index < 0 || index >= *length) return std::nullopt;
  return Word(array, layout_.array_data + 8 * index);
}

std::optional<HeapReader::FlatString> HeapReader::Flatten(uint64_t tagged) const {
  uint64_t offset = 0;
  std::optional<uint32_t> length;
  for (int depth = 0; depth < kMaxStringDepth; ++depth) {
    std::optional<int> type = TypeOf(tagged);
    if (!type || *type >= kFirstNonstringType) return std::nullopt;
    if (!length) {
      std::optional<int32_t> own = Int32(tagged, layout_.string_length);
      if (!own || *own < 0) return std::nullopt;
      length = static_cast<uint32_t>(*own);
    }
    bool one_byte = (*type & kOneByteBit) != 0;
    uint64_t width = one_byte ? 1 : 2;
    std::optional<uint64_t> next;
    switch (*type & kRepresentationMask) {
      case kSeq:
        return FlatString{Untag(tagged) + static_cast<uint64_t>(layout_.string_chars) + offset * width,
                          *length, one_byte};
      case kExternal:
        next = Word(tagged, layout_.external_resource_data);
        if (!next || *next == 0) return std::nullopt;
        return FlatString{*next + offset * width, *length, one_byte};
      case kThin:
        next = Word(tagged, layout_.thin_actual);
        break;
      case kSliced: {
        std::optional<int32_t> from = Smi(tagged, layout_.sliced_offset);
        if (!from || *from < 0) return std::nullopt;
        offset += static_cast<uint64_t>(*from);
        next = Word(tagged, layout_.sliced_parent);
        break;
      }
      case kCons: {
        // A flattened cons string has an empty second part.
        std::optional<uint64_t> second = Word(tagged, layout_.cons_second);
        if (!second || Int32(*second, layout_.string_length) != 0) return std::nullopt;
        next = Word(tagged, layout_.cons_first);
        break;
      }
      default:
        return std::nullopt;
    }
    if (!next) return std::nullopt;
    tagged = *next;
  }
  return std::nullopt;
}

bool HeapReader::AppendUtf16(uint64_t tagged, uint32_t from, size_t max_chars, int depth,
                             std::u16string* out) const {
  if (depth > kMaxStringDepth) return false;
  if (std::optional<FlatString> flat = Flatten(tagged)) {
    if (from >= flat->length) return true;
    size_t count = std::min<size_t>(flat->length - from, max_chars - out->size());
    if (flat->one_byte) {
      std::vector<uint8_t> bytes(count);
      if (!GuardedRead(flat->address + from, bytes.data(), count)) return false;
      out->append(bytes.begin(), bytes.end());
    } else {
      size_t at = out->size();
      out->resize(at + count);
      return GuardedRead(flat->address + 2 * uint64_t{from}, out->data() + at, 2 * count);
    }
    return true;
  }
  std::optional<int> type = TypeOf(tagged);
  if (!type || *type >= kFirstNonstringType || (*type & kRepresentationMask) != kCons) return false;
  for (int part : {layout_.cons_first, layout_.cons_second}) {
    if (out->size() >= max_chars) return true;
    std::optional<uint64_t> word = Word(tagged, part);
    if (!word || !AppendUtf16(*word, 0, max_chars, depth + 1, out)) return false;
  }
  return true;
}

std::optional<std::string> HeapReader::String(uint64_t tagged, size_t max_chars) const {
  std::u16string text;
  if (!AppendUtf16(tagged, 0, max_chars, 0, &text)) return std::nullopt;
  return ToUtf8(text);
}

}  // namespace hotspan
