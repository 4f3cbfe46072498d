#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "../core/code_table.h"
#include "builtins.h"
#include "code_finder.h"
#include "function_table.h"
#include "heap_reader.h"
#include "position_table.h"
#include "stack_record.h"

namespace hotspan {

// Turns one frame of JS code, compiled or interpreted, into locations: the place
// in its function, after those of the functions inlined there. Results are cached by
// address until code moves, V8's tables of positions beyond that. Safepoint only;
// allocates nothing in V8's heap.
class CodeLocator {
 public:
  // What a frame tells about its call.
  struct Call {
    const FrameSlots& slots;
    bool constructing;  // by `new`
  };

  CodeLocator(const Layout& layout, const Builtins& builtins, const HeapReader& heap,
              FunctionTable& functions)
      : layout_(layout), builtins_(builtins), heap_(heap), functions_(functions) {}

  // Each appends to `out`, leaf first, and returns whether the function is known;
  // if not, nothing was appended.

  // An instruction that AppendCompiled() met since code last moved.
  bool AppendKnown(uint64_t pc, std::vector<LocationId>* out) const;
  bool Knows(uint64_t pc) const { return by_pc_.contains(pc); }
  // Whether AppendInterpreted() needs no JSFunction for this bytecode any more.
  bool KnowsBytecode(uint64_t bytecode_array) const;
  // `pc` lies inside `code`. `leaf`: the instruction was interrupted, `callee` is
  // the JSFunction in its register; else `pc` is the last byte of a call.
  bool AppendCompiled(CodeInfo& code, uint64_t pc, const Call& call, bool leaf, uint64_t callee,
                      std::vector<LocationId>* out);
  // `leaf`: the registers of an interrupted frame, null for a caller.
  bool AppendInterpreted(const Call& call, const LeafState* leaf, std::vector<LocationId>* out);

  // Code and what belongs to it may have moved or died: after a mark-compact.
  void ForgetAddresses();
  // All that was read: no CodeTables are valid beyond.
  void ForgetTables();

  // Frames found so far of functions that were inlined; what is cached counts once.
  uint64_t inlined_count() const { return inlined_; }

 private:
  struct Span {
    uint32_t first = 0, count = 0;
  };
  struct BytecodeInfo {
    int32_t length = 0;  // < 0: the pointer is no bytecode array
    uint64_t position_table = 0;
    FunctionInfo* function = nullptr;
    uint64_t shared = 0;
  };

  // What V8 keeps for one piece of code, read once: most samples are at places not met
  // before, of code that was.
  struct CodeTables {
    std::vector<uint8_t> positions, inlinings;  // empty: not read yet
    std::unordered_map<int32_t, FunctionInfo*> inlined;  // by number in the inlinings
  };
  // Code of the same function that V8 made anew differs in its start, its sizes or its
  // number.
  struct CodeKey {
    const FunctionInfo* function;
    uint64_t start;  // 0: bytecode
    uint64_t sizes;  // CodeInfo::sizes, or the length of the bytecode
    bool operator==(const CodeKey&) const = default;
  };
  struct CodeKeyHash {
    size_t operator()(const CodeKey& key) const;
  };

  // Valid until ForgetTables(), which happens at the beginning of a call from outside.
  CodeTables& TablesOf(const CodeKey& key);
  // Reads the array into `table`, unless that is done; false: there is none.
  bool ReadOnce(uint64_t array, std::vector<uint8_t>* table);
  // Where function `number` of the code's inlined ones is.
  LocationId LocateInlined(const CodeInfo& code, CodeTables& tables, int32_t number, int32_t offset);
  void AppendBaseline(const CodeInfo& code, int32_t pc_offset, std::vector<LocationId>* out);
  void AppendOptimized(const CodeInfo& code, int32_t pc_offset, bool leaf, std::vector<LocationId>* out);
  // The code's own position of the instruction, whether it stands in a fast or in a slow path.
  std::optional<SourcePosition> PositionInOptimized(const CodeInfo& code, std::span<const uint8_t> table,
                                                    int32_t pc_offset, bool leaf) const;
  int32_t OffsetOfMaglevCall(const CodeInfo& code, int32_t return_offset);

  // Set the code's function, when it can be told.
  void FindFunctionOfOptimized(CodeInfo& code);
  void FindFunctionOfBaseline(CodeInfo& code, const FrameSlots& slots, bool leaf, uint64_t callee);
  BytecodeInfo& Bytecode(uint64_t bytecode_array);
  uint64_t BytecodeOf(uint64_t shared) const;
  bool ReadArray(uint64_t array, std::vector<uint8_t>* out) const;
  int32_t OffsetOfBytecode(const FunctionInfo* function, const BytecodeInfo& bytecode, int32_t offset);

  const Layout& layout_;
  const Builtins& builtins_;
  const HeapReader& heap_;
  FunctionTable& functions_;

  std::unordered_map<uint64_t, Span> by_pc_;
  std::vector<LocationId> span_arena_;
  struct InterpretedKey {
    uint64_t bytecode_array;
    int32_t offset;
    bool operator==(const InterpretedKey&) const = default;
  };
  struct InterpretedKeyHash {
    size_t operator()(const InterpretedKey& key) const {
      return (key.bytecode_array ^ static_cast<uint64_t>(key.offset) << 40) * 0x9e3779b97f4a7c15u >> 17;
    }
  };
  std::unordered_map<InterpretedKey, LocationId, InterpretedKeyHash> by_bytecode_;
  std::unordered_map<uint64_t, BytecodeInfo> bytecodes_;
  std::unordered_map<CodeKey, CodeTables, CodeKeyHash> tables_;
  size_t table_bytes_ = 0;
  uint64_t inlined_ = 0;
};

}  // namespace hotspan
