#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "../core/code_table.h"
#include "heap_reader.h"

namespace hotspan {

struct LineColumn {
  uint32_t line = 0;    // 1-based; 0: before the first of the file
  uint32_t column = 0;  // 1-based; 0: before the first of its line in the file
};

// A script of which at least one function was sampled.
struct ScriptInfo {
  int32_t id = -1;             // V8's, of this isolate
  ScriptId code_id = kNoId;    // the code table's
  StringId file = 0;
  int32_t line_offset = 0, column_offset = 0;  // where it stands in its file

  // Lines before each kChunk characters of the source, as far as it was read.
  struct Checkpoint {
    uint32_t line;        // 0-based line at the chunk's start
    uint32_t line_start;  // character offset where that line starts
  };
  std::vector<Checkpoint> checkpoints;
};

// Turns character offsets into lines and columns. A script's source is read
// only as far as the highest offset asked for, once; what is kept is one
// checkpoint for each 16 Ki characters. Safepoint only.
class ScriptTable {
 public:
  ScriptTable(const HeapReader& heap, CodeTable& code) : heap_(heap), code_(code) {}

  // The entry of a Script object; null when `script` points to no Script. The entry is
  // valid until a Keep() that leaves it out.
  ScriptInfo* Get(uint64_t script);
  // Forgets all others.
  void Keep(const std::unordered_set<const ScriptInfo*>& kept) {
    std::erase_if(scripts_, [&](const auto& entry) { return !kept.contains(entry.second.get()); });
  }
  size_t bytes_held() const {
    constexpr size_t kNode = 64;
    return scripts_.size() * (sizeof(ScriptInfo) + kNode);
  }
  // In the script's file; nullopt when the source cannot be read.
  std::optional<LineColumn> Locate(uint64_t script, ScriptInfo& info, uint32_t offset) const;

 private:
  std::string FileOf(uint64_t script) const;
  std::string EvalOrigin(uint64_t script) const;

  const HeapReader& heap_;
  CodeTable& code_;
  std::unordered_map<int32_t, std::unique_ptr<ScriptInfo>> scripts_;
};

}  // namespace hotspan
