#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_set>

#include "../platform/machine.h"
#include "heap_reader.h"

namespace hotspan {

struct FunctionInfo;

// Machine code that V8 made: what its Code object says.
struct CodeInfo {
  uint64_t code = 0;  // tagged pointer to the Code object
  uint64_t start = 0;
  uint32_t size = 0;
  int kind = 0;
  uint64_t sizes = 0;  // hash of that, and of all other numbers that tell it from others
  uint64_t deoptimization_data = 0;  // baseline code: its bytecode array
  uint64_t position_table = 0;
  machine::FrameSetup setup;  // where its prologue makes the frame
  // The function the code belongs to (the outermost one when others are
  // inlined), once proven.
  FunctionInfo* function = nullptr;
  uint64_t shared = 0;  // its SharedFunctionInfo
};

// Finds the code object of an instruction address by looking backwards for the
// header in front of the instructions: no code-event log, no JSFunction, right
// for on-stack-replaced code too. Safepoint only.
class CodeFinder {
 public:
  CodeFinder(const HeapReader& heap, uint64_t range_start, uint64_t range_limit)
      : heap_(heap), range_start_(range_start), range_limit_(range_limit) {}

  // Null when no code object holds `pc`. Valid until Clear().
  CodeInfo* Find(uint64_t pc);

  // Whether the code is known, and whose it is.
  bool KnowsFunctionAt(uint64_t pc) const;

  // Code may have moved or died: to be called after a mark-compact.
  void Clear();

 private:
  std::optional<CodeInfo> Scan(uint64_t pc);
  std::optional<CodeInfo> CodeAt(uint64_t header, uint64_t code, uint64_t pc);

  const HeapReader& heap_;
  uint64_t range_start_, range_limit_;
  // The map of all instruction streams, a read-only root: never moves. Learned
  // from the first hit, it makes later scans one comparison a word.
  uint64_t stream_map_ = 0;
  std::map<uint64_t, CodeInfo> by_start_;
  std::unordered_set<uint64_t> misses_;
};

}  // namespace hotspan
