#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "../core/code_table.h"
#include "builtins.h"
#include "code_finder.h"
#include "function_table.h"
#include "heap_reader.h"
#include "stack_record.h"

namespace hotspan {

// Turns one frame of JS code, compiled or interpreted, into locations: the place
// in its function, after those of the functions inlined there. Everything is
// cached by address until code moves. Safepoint only; allocates nothing in V8's
// heap.
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
  // `pc` lies inside `code`. `leaf`: the instruction was interrupted, `callee` is
  // the JSFunction in its register; else `pc` is the last byte of a call.
  bool AppendCompiled(CodeInfo& code, uint64_t pc, const Call& call, bool leaf, uint64_t callee,
                      std::vector<LocationId>* out);
  // `leaf`: the registers of an interrupted frame, null for a caller.
  bool AppendInterpreted(const Call& call, const LeafState* leaf, std::vector<LocationId>* out);

  // Code and what belongs to it may have moved or died: after a mark-compact.
  void ForgetAddresses();

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

  void AppendBaseline(const CodeInfo& code, int32_t pc_offset, std::vector<LocationId>* out);
  void AppendOptimized(const CodeInfo& code, int32_t pc_offset, bool leaf, std::vector<LocationId>* out);
  int32_t OffsetOfMaglevCall(const CodeInfo& code, int32_t return_offset);

  // Set the code's function, when it can be told.
  void FindFunctionOfOptimized(CodeInfo& code);
  void FindFunctionOfBaseline(CodeInfo& code, const FrameSlots& slots, bool leaf, uint64_t callee);
  BytecodeInfo& Bytecode(uint64_t bytecode_array);
  uint64_t BytecodeOf(uint64_t shared) const;
  bool ReadArray(uint64_t array, std::vector<uint8_t>* out) const;
  int32_t OffsetOfBytecode(const BytecodeInfo& bytecode, int32_t offset);

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
  uint64_t inlined_ = 0;
};

}  // namespace hotspan
