#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "../core/code_table.h"
#include "builtins.h"
#include "code_finder.h"
#include "code_locator.h"
#include "function_table.h"
#include "heap_reader.h"
#include "stack_record.h"
#include "stack_walker_signal.h"
#include "wasm_locator.h"

namespace hotspan {

enum class NativeFrames : uint8_t { kAll, kLeaf, kNone };

// Turns the raw frames of a record into locations: tells JS frames from V8's
// plumbing, names builtins, folds native frames. Resolving costs a few us for a
// frame never seen, some ns afterwards. Safepoint only; allocates nothing in V8's
// heap.
class FrameResolver {
 public:
  struct Options {
    // From an address in the code range's copy of the embedded builtins to the
    // builtins themselves; an empty range when there is no copy.
    AddressRange builtins_copy;
    uint64_t copy_to_embedded = 0;  // added to the address
  };

  FrameResolver(const Layout& layout, const WalkBounds& bounds, const Builtins& builtins,
                CodeTable& code, WasmRanges& wasm, Options options);

  // `frames`: LeafState and frames as WalkStack_signal wrote them. The result,
  // leaf first, is valid until the next call. An interrupted thread's leaf
  // needs repair; a walk at a safepoint does not (`interrupted` false).
  std::span<const LocationId> Resolve(std::span<const uint64_t> frames, bool interrupted);

  // Tells stacks apart without resolving them: of frames with the same key
  // Resolve(frames, false) makes the same, also after code has moved. 0: none.
  uint64_t KeyOf(std::span<const uint64_t> frames) const;

  // Frames that outlive a scavenge, in four steps: drops what Resolve() would not look
  // at; looks at what is left of all frames that went through the first step; tells
  // whether there is nothing more to learn from these, which would need the frames as
  // they are; puts what stays in the place of what a scavenge may move. The result is
  // good for Resolve() until the next mark-compact.
  void BeginLasting(std::span<uint64_t> frames, bool interrupted);
  void ReadAhead();
  bool CanLast(std::span<uint64_t> frames);
  void MakeLasting(std::span<uint64_t> frames);

  // See FunctionTable.
  void LearnAges(uint64_t young) { functions_.LearnAges(young); }

  // To be called at each safepoint before the first Resolve().
  void BeginSafepoint() {
    heap_.BeginSafepoint();
    if (functions_.IsFull()) ForgetUnmet();
    bytes_held_.store(functions_.bytes_held() + wasm_.bytes_held(), std::memory_order_relaxed);
  }
  // Any thread.
  size_t bytes_held() const { return bytes_held_.load(std::memory_order_relaxed); }

  // Any thread.
  void set_native_frames(NativeFrames mode) { native_frames_.store(mode, std::memory_order_relaxed); }

  // JSFunctions may have moved or died: after every collection.
  void ForgetFunctions() { functions_.ForgetFunctions(); }
  // So may code and what belongs to it: after a mark-compact.
  void ForgetAddresses();
  // Nothing that was read before is used again.
  void ForgetAll();
  // What leads to functions that were not met for long: see FunctionTable.
  void ForgetUnmet();

  // Generated frames that no function could be found for.
  uint64_t unresolved_count() const { return unresolved_; }
  uint64_t inlined_count() const { return locator_.inlined_count(); }
  const HeapReader& heap() const { return heap_; }

 private:
  struct Frame {
    uint64_t pc = 0;
    bool generated = false;
    size_t words_below = 0;  // of the record, from this frame's first to the end
    FrameSlots slots{};
  };

  template <typename Visit>
  static void EachGenerated(std::span<uint64_t> frames, Visit&& visit);
  bool NeedsFunction(uint64_t pc, const FrameSlots& slots, bool is_leaf) const;
  void Decode(std::span<const uint64_t> words);
  void RepairLeaf(const LeafState& leaf);
  void RepairNativeLeaf(const LeafState& leaf);
  void InsertWasmCallers(const LeafState& leaf);
  void InsertCaller(size_t index, uint64_t pc);
  void AppendGenerated(size_t index, const LeafState& leaf, bool interrupted);
  void AppendWasm(const Frame& frame, uint64_t lookup);
  void AppendOverJsFrame(size_t index, const Builtins::Builtin& builtin, const LeafState* leaf,
                         bool constructing);
  LocationId LocationInFrame(size_t index, const Builtins::Builtin& leaf_builtin,
                             const LeafState& leaf, uint64_t shared);
  // The frame's own, or false; `leaf`: the registers of an interrupted frame, null
  // for a caller.
  bool AppendCompiled(const Frame& frame, CodeInfo& code, bool constructing, const LeafState* leaf);
  bool AppendInterpreted(const Frame& frame, bool constructing, const LeafState* leaf);
  void RememberCaller(uint64_t pc, const Builtins::Builtin& builtin, LocationId location);
  LocationId LocationOf(const Builtins::Builtin& builtin, uint64_t pc);
  void AppendBuiltin(LocationId location) {
    if (location != kNoId) locations_.push_back(location);
  }
  uint64_t InEmbedded(uint64_t pc) const;
  bool InBuiltin(uint64_t pc) const { return bounds_.embedded.Contains(pc) || options_.builtins_copy.Contains(pc); }
  const Builtins::Builtin* BuiltinAt(uint64_t pc) const;
  const Builtins::Builtin* BuiltinAfter(uint64_t return_address) const;
  static int MarkerOf(const FrameSlots& slots);
  // Not where V8 has no WebAssembly: -1 is a JS frame's marker, too.
  bool IsWasmFrame(const FrameSlots& slots) const {
    return layout_.frame_wasm >= 0 && MarkerOf(slots) == layout_.frame_wasm;
  }
  bool IsConstructFrame(size_t index) const;

  const Layout& layout_;
  const WalkBounds& bounds_;
  const Builtins& builtins_;
  CodeTable& code_table_;
  const Options options_;
  std::atomic<NativeFrames> native_frames_{NativeFrames::kLeaf};
  HeapReader heap_;
  CodeFinder code_finder_;
  FunctionTable functions_;
  CodeLocator locator_;
  WasmLocator wasm_;

  // The record resolved last: what it shares with the next on its root side is
  // resolved already. Index: frames from the leaf.
  struct Resolved {
    std::vector<uint64_t> words;
    struct Boundary {
      size_t words_below;  // a frame begins this many words before the end
      size_t location;     // …and its locations here
    };
    std::vector<Boundary> boundaries;
    std::vector<LocationId> locations;  // not cut below the first JS frame
    size_t js_end = 0;
    bool lost = false;  // a frame that no function could be found for
    NativeFrames mode = NativeFrames::kLeaf;
  };
  Resolved last_;
  std::vector<Resolved::Boundary> boundaries_;  // of the record that is resolved
  size_t SharedWords(std::span<const uint64_t> words) const;
  bool AppendShared(const Frame& frame, size_t shared_words);

  std::atomic<size_t> bytes_held_{0};
  std::vector<uint64_t> functions_ahead_;  // for ReadAhead()
  std::vector<Frame> frames_;
  // What the frames become, leaf first, with the index of the frame each came
  // from (native frames are folded by it).
  std::vector<LocationId> locations_;
  size_t js_end_ = 0;  // locations up to the last frame with JS source

  // By return address in a builtin that does not interpret: what its frame shows,
  // kNoId for nothing. A place in code has one kind of frame, and builtins stay.
  std::unordered_map<uint64_t, LocationId> builtin_callers_;
  // Caches by address.
  std::unordered_map<uint64_t, machine::LeafFrame> leaf_by_pc_;
  std::unordered_map<uint64_t, LocationId> builtin_locations_;  // by builtin start

  // Keys of before code moved must not come again.
  uint64_t code_epoch_ = 0;
  // The interpreter runs among JIT code, where KeyOf() cannot tell its frames.
  bool trampoline_copies_ = false;

  LocationId program_ = kNoId, regexp_ = kNoId, unresolved_location_ = kNoId;
  uint64_t unresolved_ = 0;
};

}  // namespace hotspan
