#include "code_finder.h"

#include <algorithm>
#include <array>

#include "../core/flat_index.h"
#include "../platform/guarded_read.h"

namespace hotspan {
namespace {

constexpr uint64_t kBlock = 4096;
// Beyond the largest function TurboFan makes; ends the search for a pc that is
// no code's.
constexpr uint64_t kMaxCodeSize = 4 * 1024 * 1024;

}  // namespace

CodeInfo* CodeFinder::Find(uint64_t pc) {
  auto after = by_start_.upper_bound(pc);
  if (after != by_start_.begin()) {
    CodeInfo& info = std::prev(after)->second;
    if (pc - info.start <= info.size) return &info;
  }
  if (misses_.contains(pc)) return nullptr;
  std::optional<CodeInfo> found = Scan(pc);
  if (!found) {
    misses_.insert(pc);
    return nullptr;
  }
  return &by_start_.insert_or_assign(found->start, *found).first->second;
}

bool CodeFinder::KnowsFunctionAt(uint64_t pc) const {
  const auto after = by_start_.upper_bound(pc);
  if (after == by_start_.begin()) return false;
  const CodeInfo& info = std::prev(after)->second;
  return pc - info.start <= info.size && info.function != nullptr;
}

void CodeFinder::Clear() {
  by_start_.clear();
  misses_.clear();
}

std::optional<CodeInfo> CodeFinder::Scan(uint64_t pc) {
  if (pc < range_start_ || pc >= range_limit_) return std::nullopt;
  uint64_t lowest = std::max(range_start_, pc > kMaxCodeSize ? pc - kMaxCodeSize : 0);
  // One word past the block: the code pointer that follows a header.
  uint64_t words[kBlock / 8 + 1];
  uint64_t block = pc & ~(kBlock - 1);
  size_t count = (pc - block) / 8 + 1;
  uint64_t following = 0;  // first word of the block above
  while (true) {
    if (!GuardedRead(block, words, count * 8)) return std::nullopt;
    words[count] = following;
    for (size_t i = count; i-- > 0;) {
      if (stream_map_ != 0 ? words[i] != stream_map_ : !IsStrongPointer(words[i])) continue;
      if (!IsStrongPointer(words[i + 1])) continue;
      if (std::optional<CodeInfo> info = CodeAt(block + 8 * i, words[i + 1], pc)) {
        stream_map_ = words[i];
        return info;
      }
    }
    if (block <= lowest) return std::nullopt;
    following = words[0];
    block -= kBlock;
    count = kBlock / 8;
  }
}

std::optional<CodeInfo> CodeFinder::CodeAt(uint64_t header, uint64_t code, uint64_t pc) {
  const Layout& l = heap_.layout();
  if (!heap_.Is(code, l.type_code)) return std::nullopt;
  std::optional<uint64_t> start = heap_.Word(code, l.code_instruction_start);
  std::optional<int32_t> size = heap_.Int32(code, l.code_instruction_size);
  std::optional<int32_t> flags = heap_.Int32(code, l.code_flags);
  std::optional<uint64_t> deopt = heap_.Word(code, l.code_deoptimization_data);
  std::optional<uint64_t> positions = heap_.Word(code, l.code_position_table);
  if (!start || !size || !flags || !deopt || !positions) return std::nullopt;
  if (*start != header + static_cast<uint64_t>(l.instruction_stream_header)) return std::nullopt;
  // A return address may lie one past a call that never returns.
  if (*size <= 0 || pc < *start || pc - *start > static_cast<uint64_t>(*size)) return std::nullopt;
  CodeInfo info;
  info.code = code;
  info.start = *start;
  info.size = static_cast<uint32_t>(*size);
  info.kind = *flags & l.code_kind_mask;
  info.deoptimization_data = *deopt;
  info.position_table = *positions;
  // Neighbours of the size: what was inlined, the parts of the metadata.
  std::array<uint64_t, 5> sizes{};
  const int first = std::min(l.code_flags, l.code_instruction_size);
  heap_.Bytes(code, first, sizes.data(), sizeof sizes);
  for (uint64_t word : sizes) info.sizes = MixBits(info.sizes ^ word);
  uint8_t head[machine::kHeadBytes];
  size_t head_size = std::min<size_t>(sizeof head, info.size);
  if (GuardedRead(info.start, head, head_size)) info.setup = machine::FindFrameSetup({head, head_size});
  return info;
}

}  // namespace hotspan
