#include "wasm_names.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

namespace hotspan {
namespace {

constexpr size_t kMaxNameBytes = 4096;
// V8 takes no larger module.
constexpr uint64_t kMaxModuleBytes = uint64_t{1} << 30;

// Reads forward, a block at a time.
class Reader {
 public:
  Reader(const WasmNames::Read& read, uint64_t offset, uint64_t end) : read_(read), at_(offset), end_(end) {}

  uint64_t offset() const { return at_; }
  bool done() const { return failed_ || at_ >= end_; }
  void Skip(uint64_t count) {
    if (failed_ || count > end_ - at_) {
      failed_ = true;
    } else {
      at_ += count;
    }
  }

  std::optional<uint8_t> Byte() {
    if (done()) return std::nullopt;
    if (at_ < block_start_ || at_ >= block_end_) {
      const size_t size = static_cast<size_t>(std::min<uint64_t>(end_ - at_, block_.size()));
      if (!read_(at_, block_.data(), size)) {
        failed_ = true;
        return std::nullopt;
      }
      block_start_ = at_;
      block_end_ = at_ + size;
    }
    return block_[at_++ - block_start_];
  }

  // Unsigned LEB128.
  std::optional<uint32_t> Number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto byte = Byte();
      if (!byte) return std::nullopt;
      value |= static_cast<uint64_t>(*byte & 0x7f) << shift;
      if ((*byte & 0x80) != 0) continue;
      if (value > std::numeric_limits<uint32_t>::max()) break;
      return static_cast<uint32_t>(value);
    }
    failed_ = true;
    return std::nullopt;
  }

  // The beginning of a longer one.
  std::optional<std::string> Name() {
    const auto length = Number();
    if (!length || *length > end_ - at_) return std::nullopt;
    const uint64_t next = at_ + *length;
    std::string name(std::min<size_t>(*length, kMaxNameBytes), '\0');
    if (!name.empty() && !read_(at_, reinterpret_cast<uint8_t*>(name.data()), name.size())) return std::nullopt;
    at_ = next;
    return name;
  }

 private:
  const WasmNames::Read& read_;
  uint64_t at_, end_;
  bool failed_ = false;
  uint64_t block_start_ = 0, block_end_ = 0;
  std::array<uint8_t, 8192> block_;
};

struct Span {
  uint64_t start = 0, end = 0;
};

std::optional<Span> FindNameSection(uint64_t size, const WasmNames::Read& read) {
  constexpr std::array<uint8_t, 8> kHead{0, 'a', 's', 'm', 1, 0, 0, 0};
  constexpr std::string_view kName = "name";
  constexpr uint8_t kCustom = 0;
  constexpr int kMaxSections = 10'000;
  std::array<uint8_t, 8> head;
  if (size > kMaxModuleBytes || size < head.size() || !read(0, head.data(), head.size()) || head != kHead) {
    return std::nullopt;
  }
  uint64_t at = head.size();
  for (int i = 0; i < kMaxSections && at < size; ++i) {
    Reader section(read, at, size);
    const auto id = section.Byte();
    const auto length = section.Number();
    if (!id || !length || *length > size - section.offset()) return std::nullopt;
    const uint64_t end = section.offset() + *length;
    if (*id == kCustom) {
      Reader custom(read, section.offset(), end);
      const auto name = custom.Name();
      if (name && *name == kName) return Span{custom.offset(), end};
    }
    at = end;
  }
  return std::nullopt;
}

}  // namespace

WasmNames::WasmNames(uint64_t size, const Read& read) {
  constexpr uint8_t kModule = 0, kFunctions = 1;
  const auto section = FindNameSection(size, read);
  if (!section) return;
  uint64_t at = section->start;
  while (at < section->end) {
    Reader head(read, at, section->end);
    const auto id = head.Byte();
    const auto length = head.Number();
    if (!id || !length || *length > section->end - head.offset()) return;
    const uint64_t end = head.offset() + *length;
    Reader names(read, head.offset(), end);
    if (*id == kModule) {
      module_name_ = names.Name().value_or("");
    } else if (*id == kFunctions) {
      const auto count = names.Number();
      if (!count) return;
      names_end_ = end;
      uint32_t last = 0;
      for (uint32_t i = 0; i < *count && !names.done(); ++i) {
        const uint64_t offset = names.offset();
        const auto index = names.Number();
        const auto bytes = names.Number();
        // Malformed from here on; FunctionName() must find ascending numbers.
        if (!index || !bytes || (i > 0 && *index <= last)) break;
        names.Skip(*bytes);
        last = *index;
        if (i % kStride == 0) entries_.push_back({*index, static_cast<uint32_t>(offset)});
      }
    }
    at = end;
  }
}

std::string WasmNames::FunctionName(uint32_t index, const Read& read) const {
  auto after = std::upper_bound(entries_.begin(), entries_.end(), index,
                                [](uint32_t wanted, const Entry& entry) { return wanted < entry.index; });
  if (after == entries_.begin()) return {};
  Reader names(read, std::prev(after)->offset, names_end_);
  for (size_t i = 0; i < kStride && !names.done(); ++i) {
    const auto number = names.Number();
    if (!number || *number > index) return {};
    if (*number == index) return names.Name().value_or("");
    const auto bytes = names.Number();
    if (!bytes) return {};
    names.Skip(*bytes);
  }
  return {};
}

}  // namespace hotspan
