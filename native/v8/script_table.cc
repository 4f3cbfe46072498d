#include "script_table.h"

#include <algorithm>
#include <string_view>

#include "../platform/guarded_read.h"

namespace hotspan {
namespace {

constexpr uint32_t kChunk = 16 * 1024;
constexpr size_t kMaxSourceMapUrl = 64 * 1024 * 1024;

// Line terminators as V8 counts them: \n, \r not before \n, U+2028, U+2029
// (the last two only in two-byte strings).
template <typename Char>
bool EndsLine(Char c, Char next) {
  if (c == '\n') return true;
  if (c == '\r') return next != '\n';
  if constexpr (sizeof(Char) == 2) return c == 0x2028 || c == 0x2029;
  return false;
}

// The lines that end in a piece of source.
struct LineEnds {
  uint32_t count = 0;
  uint32_t last_start = 0;  // offset in the piece where the line after the last end begins
};

// `chars` holds `count` characters and one more to tell \r\n. The common case
// is two passes that the compiler turns into vector code: sources of tens of MB
// pass here on the JS thread.
template <typename Char>
LineEnds CountLineEnds(const Char* chars, uint32_t count) {
  uint32_t newlines = 0, special = 0;
  for (uint32_t i = 0; i < count; ++i) {
    newlines += chars[i] == '\n';
    special |= chars[i] == '\r';
    if constexpr (sizeof(Char) == 2) special |= (chars[i] | 1) == 0x2029;
  }
  LineEnds ends;
  if (special == 0) {
    ends.count = newlines;
    uint32_t end = count;
    while (newlines > 0 && chars[end - 1] != '\n') --end;
    ends.last_start = newlines > 0 ? end : 0;
    return ends;
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (!EndsLine(chars[i], chars[i + 1])) continue;
    ++ends.count;
    ends.last_start = i + 1;
  }
  return ends;
}

template <typename Char>
std::optional<LineEnds> ReadLineEnds(const HeapReader::FlatString& source, uint32_t from,
                                     uint32_t to) {
  Char chars[kChunk + 1];
  uint32_t count = to - from;
  uint32_t readable = std::min(count + 1, source.length - from);
  if (!GuardedRead(source.address + uint64_t{from} * sizeof(Char), chars, readable * sizeof(Char))) {
    return std::nullopt;
  }
  if (readable == count) chars[count] = 0;
  return CountLineEnds(chars, count);
}

// Of the characters [from, to) of the source; at most kChunk of them.
std::optional<LineEnds> LineEndsIn(const HeapReader::FlatString& source, uint32_t from, uint32_t to) {
  return source.one_byte ? ReadLineEnds<uint8_t>(source, from, to)
                         : ReadLineEnds<char16_t>(source, from, to);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// file:///a%20b.mjs -> /a b.mjs; other URLs (node:…, https:…) stay.
std::string PathOfUrl(std::string url) {
  constexpr std::string_view kFile = "file://";
  if (!url.starts_with(kFile)) return url;
  std::string path;
  for (size_t i = kFile.size(); i < url.size(); ++i) {
    if (url[i] == '?' || url[i] == '#') break;  // cache busting, fragments
    if (url[i] == '%' && i + 2 < url.size() && HexDigit(url[i + 1]) >= 0 && HexDigit(url[i + 2]) >= 0) {
      path += static_cast<char>(HexDigit(url[i + 1]) * 16 + HexDigit(url[i + 2]));
      i += 2;
    } else {
      path += url[i];
    }
  }
  return path;
}

}  // namespace

std::string ScriptTable::EvalOrigin(uint64_t script) const {
  const Layout& l = heap_.layout();
  std::optional<uint64_t> shared = heap_.Word(script, l.script_eval_from_shared);
  if (!shared || !heap_.Is(*shared, l.type_sfi)) return {};
  std::optional<uint64_t> from = heap_.Word(*shared, l.sfi_script);
  if (!from || !heap_.Is(*from, l.type_script)) return {};
  return "eval at " + FileOf(*from);
}

std::string ScriptTable::FileOf(uint64_t script) const {
  const Layout& l = heap_.layout();
  // //# sourceURL names what eval and new Function made, as in a stack trace.
  for (int field : {l.script_source_url, l.script_name}) {
    std::optional<uint64_t> word = heap_.Word(script, field);
    std::optional<std::string> text = word ? heap_.String(*word) : std::nullopt;
    if (text && !text->empty()) return PathOfUrl(*text);
  }
  std::string origin = EvalOrigin(script);
  return origin.empty() ? "<anonymous>" : origin;
}

ScriptInfo* ScriptTable::Get(uint64_t script) {
  const Layout& l = heap_.layout();
  if (!heap_.Is(script, l.type_script)) return nullptr;
  std::optional<int32_t> id = heap_.Smi(script, l.script_id);
  if (!id) return nullptr;
  std::unique_ptr<ScriptInfo>& slot = scripts_[*id];
  if (slot == nullptr) {
    slot = std::make_unique<ScriptInfo>();
    slot->id = *id;
    slot->file = code_.strings().Intern(FileOf(script));
    slot->line_offset = heap_.Smi(script, l.script_line_offset).value_or(0);
    slot->column_offset = heap_.Smi(script, l.script_column_offset).value_or(0);
    std::optional<uint64_t> url = heap_.Word(script, l.script_source_mapping_url);
    std::optional<std::string> text = url ? heap_.String(*url, kMaxSourceMapUrl) : std::nullopt;
    slot->code_id = code_.AddScript({slot->file, std::move(text).value_or(std::string())});
  }
  return slot.get();
}

std::optional<LineColumn> ScriptTable::Locate(uint64_t script, ScriptInfo& info,
                                              uint32_t offset) const {
  std::optional<uint64_t> word = heap_.Word(script, heap_.layout().script_source);
  std::optional<HeapReader::FlatString> source = word ? heap_.Flatten(*word) : std::nullopt;
  if (!source || offset > source->length) return std::nullopt;
  if (info.checkpoints.empty()) info.checkpoints.push_back({0, 0});
  auto advance = [&](ScriptInfo::Checkpoint& at, uint32_t from, uint32_t to) {
    std::optional<LineEnds> ends = LineEndsIn(*source, from, to);
    if (!ends) return false;
    at.line += ends->count;
    if (ends->count > 0) at.line_start = from + ends->last_start;
    return true;
  };
  while (info.checkpoints.size() <= offset / kChunk) {
    ScriptInfo::Checkpoint next = info.checkpoints.back();
    uint32_t from = static_cast<uint32_t>(info.checkpoints.size() - 1) * kChunk;
    if (!advance(next, from, from + kChunk)) return std::nullopt;
    info.checkpoints.push_back(next);
  }
  ScriptInfo::Checkpoint at = info.checkpoints[offset / kChunk];
  if (!advance(at, offset / kChunk * kChunk, offset)) return std::nullopt;
  // As V8 has it in a stack trace. What a loader puts before the app's code its negative offsets
  // take out of the file again: that is on no line, or in no column, of the file.
  const int64_t line = int64_t{at.line} + 1 + info.line_offset;
  const int64_t column = int64_t{offset} - at.line_start + 1 + (at.line == 0 ? info.column_offset : 0);
  if (line < 1) return LineColumn{};
  return LineColumn{static_cast<uint32_t>(line), static_cast<uint32_t>(std::max<int64_t>(0, column))};
}

}  // namespace hotspan
