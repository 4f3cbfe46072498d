#include "frame_resolver.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "../core/flat_index.h"
#include "../platform/guarded_read.h"
#include "../platform/machine.h"

namespace hotspan {
namespace {

constexpr int kNoMarker = -1;

// 0: the frame pointer shows it.
uint64_t CallerOfLeaf(machine::LeafFrame state, const LeafState& leaf) {
  switch (state) {
    case machine::LeafFrame::kComplete: return 0;
    case machine::LeafFrame::kReturnAtSp: return leaf.stack[0];
    case machine::LeafFrame::kReturnAboveSp: return leaf.stack[1];
  }
  return 0;
}

}  // namespace

FrameResolver::FrameResolver(const Layout& layout, const WalkBounds& bounds,
                             const Builtins& builtins, CodeTable& code, WasmRanges& wasm,
                             Options options)
    : layout_(layout),
      bounds_(bounds),
      builtins_(builtins),
      code_table_(code),
      options_(options),
      heap_(layout_),
      code_finder_(heap_, bounds.code_range.start, bounds.code_range.limit),
      functions_(heap_, code),
      locator_(layout_, builtins, heap_, functions_),
      wasm_(layout_, heap_, code, wasm) {
  program_ = code_table_.SyntheticLocation("(program)");
  regexp_ = code_table_.SyntheticLocation("(regexp)");
  unresolved_location_ = code_table_.SyntheticLocation("(unresolved)");
}

void FrameResolver::ForgetAddresses() {
  last_ = {};
  ++code_epoch_;
  heap_.ForgetMaps();
  leaf_by_pc_.clear();
  code_finder_.Clear();
  functions_.ForgetAddresses();
  locator_.ForgetAddresses();
}

void FrameResolver::ForgetAll() {
  ForgetAddresses();
  locator_.ForgetTables();
}

void FrameResolver::ForgetUnmet() {
  ForgetAll();
  functions_.ForgetUnmet();
}

std::span<const LocationId> FrameResolver::Resolve(std::span<const uint64_t> frames,
                                                   bool interrupted) {
  locations_.clear();
  js_end_ = 0;
  const bool builtins_read = builtins_.loaded();
  if (frames.size() < kLeafWords) {
    locations_.push_back(program_);
    return locations_;
  }
  LeafState leaf;
  std::memcpy(&leaf, frames.data(), sizeof leaf);
  std::span<const uint64_t> words = frames.subspan(kLeafWords);
  const NativeFrames mode = native_frames_.load(std::memory_order_relaxed);
  size_t shared_words = mode == last_.mode ? SharedWords(words) : 0;
  Decode(words);
  if (interrupted) RepairLeaf(leaf);
  bool lost = false;
  uint64_t unresolved_before = unresolved_;
  bool any_generated = false;
  boundaries_.clear();
  for (size_t i = 0; i < frames_.size(); ++i) {
    const Frame& frame = frames_[i];
    if (i > 0 && frame.words_below > 0) {
      if (AppendShared(frame, shared_words)) {
        any_generated = true;
        lost = last_.lost;
        for (const Resolved::Boundary& known : last_.boundaries) {
          if (known.words_below > frame.words_below) continue;
          boundaries_.push_back({known.words_below, known.location + locations_.size() - last_.locations.size()});
        }
        break;
      }
      boundaries_.push_back({frame.words_below, locations_.size()});
    }
    if (frame.generated) {
      any_generated = true;
      AppendGenerated(i, leaf, interrupted && i == 0);
      continue;
    }
    // The C++ half of a builtin names it, whatever the mode.
    bool is_builtin = i + 1 < frames_.size() && frames_[i + 1].generated &&
                      frames_[i + 1].pc != 0 &&
                      MarkerOf(frames_[i + 1].slots) == layout_.frame_builtin_exit;
    bool wanted = mode == NativeFrames::kAll || (mode == NativeFrames::kLeaf && i == 0 && interrupted);
    if (!wanted && !is_builtin) continue;
    locations_.push_back(code_table_.NativeLocation(i == 0 && interrupted ? frame.pc : frame.pc - 1));
  }
  last_.words.assign(words.begin(), words.end());
  std::swap(last_.boundaries, boundaries_);
  last_.locations = locations_;
  last_.js_end = js_end_;
  last_.mode = mode;
  last_.lost = lost = lost || unresolved_ > unresolved_before;
  // What was found without the builtins is to be found anew.
  if (!builtins_read) ForgetAll();
  if (js_end_ > 0) {
    // Below the first JS frame stand main, the event loop and their callbacks:
    // the same in every stack.
    locations_.resize(js_end_);
  } else {
    locations_.push_back(any_generated && lost ? unresolved_location_ : program_);
  }
  return locations_;
}

// A pc names the code and the place in it. The interpreter's is the same for all
// functions: there bytecode array and offset do. The other slots (context,
// JSFunction, receiver) change with each call or scavenge and tell no more; in
// frames of JIT code all five hold what the code likes.
uint64_t FrameResolver::KeyOf(std::span<const uint64_t> frames) const {
  if (trampoline_copies_ || frames.size() < kLeafWords) return 0;
  uint64_t key = code_epoch_ << 8 | static_cast<uint64_t>(native_frames_.load(std::memory_order_relaxed));
  const auto mix = [&](uint64_t word) { key = MixBits(key ^ word); };
  for (size_t i = kLeafWords; i < frames.size(); ++i) {
    const uint64_t pc = frames[i] & ~kGeneratedBit;
    mix(frames[i]);
    if (pc == frames[i]) continue;
    if (i + kFrameSlotWords >= frames.size()) return 0;
    FrameSlots slots;
    std::memcpy(&slots, &frames[i + 1], sizeof slots);
    i += kFrameSlotWords;
    if (!InBuiltin(pc) || !IsStrongPointer(slots.context_or_marker) || !IsStrongPointer(slots.bytecode_array)) continue;
    mix(slots.bytecode_array);
    mix(slots.bytecode_offset);
  }
  return key;
}

// Calls visit(pc, slots, is first) for each frame in generated code; what it changes of
// the slots is changed in the record.
template <typename Visit>
void FrameResolver::EachGenerated(std::span<uint64_t> frames, Visit&& visit) {
  for (size_t i = kLeafWords; i < frames.size(); ++i) {
    if ((frames[i] & kGeneratedBit) == 0) continue;
    if (i + kFrameSlotWords >= frames.size()) break;
    FrameSlots slots;
    std::memcpy(&slots, &frames[i + 1], sizeof slots);
    visit(frames[i] & ~kGeneratedBit, slots, i == kLeafWords);
    std::memcpy(&frames[i + 1], &slots, sizeof slots);
    i += kFrameSlotWords;
  }
}

// Code, bytecode and SharedFunctionInfos stay where they are until a mark-compact.
// Contexts, receivers and JSFunctions do not; of these the JSFunction alone is needed
// once it is known: where a builtin runs over its frame, and for code not met before.
void FrameResolver::BeginLasting(std::span<uint64_t> frames, bool interrupted) {
  if (frames.size() < kLeafWords) return;
  bool needs_callee = false;  // Sparkplug's prologue has its function in a register
  EachGenerated(frames, [&](uint64_t pc, FrameSlots& slots, bool is_first) {
    const bool is_leaf = interrupted && is_first;
    // The instance is an old object, which a scavenge does not move.
    if (IsWasmFrame(slots)) return;
    if (!NeedsFunction(pc, slots, is_leaf)) slots.function = 0;
    if (slots.function == 0) return;
    functions_ahead_.push_back(slots.function);
    if (is_leaf) needs_callee = !InBuiltin(pc) && !code_finder_.KnowsFunctionAt(pc);
  });
  LeafState leaf;
  std::memcpy(&leaf, frames.data(), sizeof leaf);
  if (!needs_callee) leaf.function = 0;
  if (needs_callee) functions_ahead_.push_back(leaf.function);
  std::memcpy(frames.data(), &leaf, sizeof leaf);
}

void FrameResolver::ReadAhead() {
  functions_.ReadAhead(functions_ahead_);
  functions_ahead_.clear();
}

bool FrameResolver::CanLast(std::span<uint64_t> frames) {
  bool complete = true;
  EachGenerated(frames, [&](uint64_t pc, const FrameSlots& slots, bool) {
    if (IsWasmFrame(slots)) return;
    // V8's own steps keep what they like in the slot.
    const bool is_js = !InBuiltin(pc) || (IsStrongPointer(slots.bytecode_array) && IsSmi(slots.bytecode_offset));
    if (is_js && functions_.HasMoreToTell(slots.function)) complete = false;
  });
  return complete;
}

void FrameResolver::MakeLasting(std::span<uint64_t> frames) {
  if (frames.size() < kLeafWords) return;
  constexpr uint64_t kSomePointer = 1;
  LeafState leaf;
  std::memcpy(&leaf, frames.data(), sizeof leaf);
  leaf.function = functions_.LastingWord(leaf.function);
  std::memcpy(frames.data(), &leaf, sizeof leaf);
  EachGenerated(frames, [&](uint64_t, FrameSlots& slots, bool) {
    if (IsWasmFrame(slots)) return;
    slots.function = functions_.LastingWord(slots.function);
    slots.receiver = 0;
    if (IsStrongPointer(slots.context_or_marker)) slots.context_or_marker = kSomePointer;
  });
}

// Whether Resolve() may look at the frame's JSFunction. Not where it knows the place
// already, as it does most callers.
bool FrameResolver::NeedsFunction(uint64_t pc, const FrameSlots& slots, bool is_leaf) const {
  if (pc == 0) return false;  // an exit frame
  if (!InBuiltin(pc)) return is_leaf || !locator_.Knows(pc - 1);
  if (MarkerOf(slots) != kNoMarker || (!is_leaf && builtin_callers_.contains(pc))) return false;
  return !IsSmi(slots.bytecode_offset) || !locator_.KnowsBytecode(slots.bytecode_array);
}

// How many words both records end with. Those of the last one may be from before a
// scavenge: see KeyOf() for what stays.
size_t FrameResolver::SharedWords(std::span<const uint64_t> words) const {
  auto differ = std::mismatch(words.rbegin(), words.rend(), last_.words.rbegin(), last_.words.rend());
  return static_cast<size_t>(differ.first - words.rbegin());
}

// Takes over what the last record made of this frame and all below it, when
// these are the same words.
bool FrameResolver::AppendShared(const Frame& frame, size_t shared_words) {
  if (frame.words_below > shared_words) return false;
  auto known = std::lower_bound(
      last_.boundaries.begin(), last_.boundaries.end(), frame.words_below,
      [](const Resolved::Boundary& b, size_t words_below) { return b.words_below > words_below; });
  if (known == last_.boundaries.end() || known->words_below != frame.words_below) return false;
  if (last_.js_end > known->location) js_end_ = locations_.size() + last_.js_end - known->location;
  locations_.insert(locations_.end(), last_.locations.begin() + static_cast<ptrdiff_t>(known->location),
                    last_.locations.end());
  return true;
}

void FrameResolver::Decode(std::span<const uint64_t> words) {
  frames_.clear();
  for (size_t i = 0; i < words.size();) {
    Frame frame;
    frame.words_below = words.size() - i;
    frame.pc = words[i] & ~kGeneratedBit;
    frame.generated = (words[i] & kGeneratedBit) != 0;
    ++i;
    if (frame.generated) {
      if (i + kFrameSlotWords > words.size()) break;
      std::memcpy(&frame.slots, &words[i], sizeof frame.slots);
      i += kFrameSlotWords;
    }
    frames_.push_back(frame);
  }
}

// An interrupted leaf may not have its frame yet, or no longer: the frame the
// pointer shows is then the caller's, and the caller's pc is on the stack.
void FrameResolver::RepairLeaf(const LeafState& leaf) {
  if (frames_.empty()) return;
  if (!frames_[0].generated) return RepairNativeLeaf(leaf);
  uint64_t pc = frames_[0].pc;
  if (BuiltinAt(pc) != nullptr) {
    // A step of WebAssembly code that has no frame of its own.
    const bool returns_to_wasm = IsWasmFrame(frames_[0].slots) && !bounds_.IsV8_signal(leaf.stack[0]);
    if (returns_to_wasm) InsertWasmCallers(leaf);
    return;
  }
  if (!bounds_.IsV8_signal(pc)) {
    switch (wasm_.LeafFrameAt(pc)) {
      case machine::LeafFrame::kComplete: return;
      case machine::LeafFrame::kReturnAtSp: return InsertWasmCallers(leaf);
      case machine::LeafFrame::kReturnAboveSp: break;
    }
    if (bounds_.IsGenerated_signal(leaf.stack[1])) InsertCaller(1, leaf.stack[1]);
    return;
  }
  auto [entry, added] = leaf_by_pc_.try_emplace(pc, machine::LeafFrame::kComplete);
  if (added) {
    CodeInfo* code = code_finder_.Find(pc);
    // Code that was found lives at least until the next collection: its bytes
    // need no guard.
    if (code != nullptr && code->kind >= layout_.code_kind_baseline && pc - code->start < code->size) {
      const uint8_t instruction = *reinterpret_cast<const uint8_t*>(pc);
      entry->second = machine::ClassifyLeaf(code->setup, pc - code->start, instruction);
    }
  }
  uint64_t caller_pc = CallerOfLeaf(entry->second, leaf);
  if (!bounds_.IsGenerated_signal(caller_pc)) return;
  InsertCaller(1, caller_pc);
}

// The slots were read at the frame pointer: they belong to the new caller, not to the
// frame before it.
void FrameResolver::InsertCaller(size_t index, uint64_t pc) {
  Frame caller;
  caller.pc = pc;
  caller.generated = bounds_.IsGenerated_signal(pc);
  caller.slots = std::exchange(frames_[index - 1].slots, {});
  frames_.insert(frames_.begin() + static_cast<ptrdiff_t>(index), caller);
}

// The return address is at sp. The leaf may be a step to, or in, the routine that makes
// a function's frame: that function is the caller and has none yet.
void FrameResolver::InsertWasmCallers(const LeafState& leaf) {
  const uint64_t caller_pc = leaf.stack[0];
  if (!bounds_.IsGenerated_signal(caller_pc)) return;
  InsertCaller(1, caller_pc);
  const bool caller_lacks_frame =
      !bounds_.IsV8_signal(caller_pc) && wasm_.LeafFrameAt(caller_pc - 1) == machine::LeafFrame::kReturnAtSp;
  if (caller_lacks_frame && bounds_.IsGenerated_signal(leaf.stack[1])) InsertCaller(2, leaf.stack[1]);
}

// The same in C and C++.
void FrameResolver::RepairNativeLeaf(const LeafState& leaf) {
  uint64_t pc = frames_[0].pc;
  auto [entry, added] = leaf_by_pc_.try_emplace(pc, machine::LeafFrame::kComplete);
  std::array<uint8_t, machine::kNativeLeafBytes> code;
  if (added && GuardedRead(pc - 1, code.data(), code.size())) {
    entry->second = machine::ClassifyNativeLeaf(code);
  }
  uint64_t caller_pc = CallerOfLeaf(entry->second, leaf);
  // V8 keeps the place from which JavaScript calls C++, so that caller needs no repair.
  // WebAssembly calls some functions of C without that.
  const bool from_wasm = !bounds_.IsV8_signal(caller_pc) && bounds_.IsGenerated_signal(caller_pc);
  if (!from_wasm && !bounds_.native->Contains_signal(caller_pc)) return;
  if (frames_.size() > 1 && frames_[1].pc == caller_pc) return;
  InsertCaller(1, caller_pc);
}

uint64_t FrameResolver::InEmbedded(uint64_t pc) const {
  return options_.builtins_copy.Contains(pc) ? pc + options_.copy_to_embedded : pc;
}

const Builtins::Builtin* FrameResolver::BuiltinAt(uint64_t pc) const {
  pc = InEmbedded(pc);
  return bounds_.embedded.Contains(pc) ? builtins_.Find(pc) : nullptr;
}

// The builtin that a caller goes on in. A call is before its return address, but
// frames that the deoptimizer made of an optimized one return to the very start of
// a builtin of the interpreter's.
const Builtins::Builtin* FrameResolver::BuiltinAfter(uint64_t return_address) const {
  const Builtins::Builtin* next = BuiltinAt(return_address);
  if (next != nullptr && next->interprets && BuiltinAt(return_address - 1) != next) return next;
  return BuiltinAt(return_address - 1);
}

// Typed frames hold their type, shifted by the Smi tag, where JS frames hold
// the context.
int FrameResolver::MarkerOf(const FrameSlots& slots) {
  uint64_t word = slots.context_or_marker;
  constexpr uint64_t kMaxMarker = 128;
  return (word & 1) == 0 && word < kMaxMarker ? static_cast<int>(word >> 1) : kNoMarker;
}

bool FrameResolver::IsConstructFrame(size_t index) const {
  if (index >= frames_.size() || !frames_[index].generated) return false;
  int marker = MarkerOf(frames_[index].slots);
  return marker != kNoMarker &&
         (marker == layout_.frame_construct || marker == layout_.frame_fast_construct);
}

void FrameResolver::AppendGenerated(size_t index, const LeafState& leaf, bool interrupted) {
  const Frame& frame = frames_[index];
  if (frame.pc == 0) return;  // an exit frame: plumbing
  if (!bounds_.IsV8_signal(frame.pc)) return AppendWasm(frame, interrupted ? frame.pc : frame.pc - 1);
  if (!interrupted) {
    if (auto known = builtin_callers_.find(frame.pc); known != builtin_callers_.end()) {
      return AppendBuiltin(known->second);
    }
    if (locator_.AppendKnown(frame.pc - 1, &locations_)) {
      js_end_ = locations_.size();
      return;
    }
  }
  bool constructing = IsConstructFrame(index + 1);
  int marker = MarkerOf(frame.slots);
  uint64_t lookup = interrupted ? frame.pc : frame.pc - 1;
  if (const Builtins::Builtin* builtin = interrupted ? BuiltinAt(frame.pc) : BuiltinAfter(frame.pc)) {
    if (marker != kNoMarker) {
      // Others are plumbing between JS and C++.
      LocationId location = marker == layout_.frame_builtin ? LocationOf(*builtin, lookup) : kNoId;
      if (!interrupted) RememberCaller(frame.pc, *builtin, location);
      return AppendBuiltin(location);
    }
    // A leaf may run without a frame of its own over one of the interpreter, which has
    // stored the bytecode offset before it called. Baseline code keeps something else
    // there (its feedback vector); the return address names the place in it.
    const bool interprets = builtin->interprets || Builtins::IsUnread(*builtin);
    if ((interprets || (interrupted && IsSmi(frame.slots.bytecode_offset))) &&
        AppendInterpreted(frame, constructing, interrupted ? &leaf : nullptr)) {
      return;
    }
    // Such a step has the frame of the function that WebAssembly exports, which has no
    // source.
    if (builtins_.EntersWasm(*builtin)) {
      if (!interrupted) RememberCaller(frame.pc, *builtin, kNoId);
      return;
    }
    return AppendOverJsFrame(index, *builtin, interrupted ? &leaf : nullptr, constructing);
  }
  if (interrupted && locator_.AppendKnown(lookup, &locations_)) {
    js_end_ = locations_.size();
    return;
  }
  CodeInfo* code = code_finder_.Find(lookup);
  if (code == nullptr) {
    ++unresolved_;
    return;
  }
  if (code->kind == layout_.code_kind_regexp) {
    locations_.push_back(regexp_);
  } else if (code->kind >= layout_.code_kind_baseline) {
    if (!AppendCompiled(frame, *code, constructing, interrupted ? &leaf : nullptr)) ++unresolved_;
  } else if (marker == kNoMarker) {
    // A copy of the interpreter's trampoline (--interpreted-frames-native-stack).
    trampoline_copies_ = true;
    if (!AppendInterpreted(frame, constructing, interrupted ? &leaf : nullptr)) ++unresolved_;
  }
}

void FrameResolver::AppendWasm(const Frame& frame, uint64_t lookup) {
  const size_t before = locations_.size();
  if (wasm_.Append(lookup, IsWasmFrame(frame.slots) ? frame.slots.function : 0, &locations_)) {
    if (locations_.size() > before) js_end_ = locations_.size();
  } else if (MarkerOf(frame.slots) != layout_.frame_wasm_to_js) {
    ++unresolved_;
  }
}

// A builtin whose frame pointer shows a JS frame: the builtin's own, when it is
// a function of JS; else that of its caller, and the builtin has none.
void FrameResolver::AppendOverJsFrame(size_t index, const Builtins::Builtin& builtin,
                                      const LeafState* leaf, bool constructing) {
  const Frame& frame = frames_[index];
  std::optional<uint64_t> shared = functions_.SharedOf(frame.slots.function);
  FunctionInfo* owner = shared ? functions_.FromShared(*shared) : nullptr;
  bool owner_is_builtin = shared && owner == nullptr;
  if (leaf == nullptr) {
    if (!owner_is_builtin && (shared || builtin.interprets)) {
      ++unresolved_;
      return;
    }
    LocationId location = LocationOf(builtin, frame.pc - 1);
    RememberCaller(frame.pc, builtin, location);
    return AppendBuiltin(location);
  }
  if (owner_is_builtin) return AppendBuiltin(LocationInFrame(index, builtin, *leaf, *shared));
  // The caller's pc is the builtin's return address, near the top of the stack.
  for (uint64_t word : leaf->stack) {
    if (!bounds_.IsGenerated_signal(word) || BuiltinAt(word - 1) != nullptr) continue;
    CodeInfo* code = code_finder_.Find(word - 1);
    if (code == nullptr || code->kind < layout_.code_kind_baseline) continue;
    if (owner != nullptr && code->function == owner && locator_.AppendKnown(word - 1, &locations_)) {
      js_end_ = locations_.size();
      return;
    }
    Frame caller = frame;
    caller.pc = word;
    size_t before = locations_.size(), js_before = js_end_;
    if (!AppendCompiled(caller, *code, constructing, nullptr)) continue;
    if (owner == nullptr || code->function == owner) return;
    locations_.resize(before);
    js_end_ = js_before;
  }
  if (owner == nullptr) {
    ++unresolved_;
    return;
  }
  locations_.push_back(functions_.Locate(*owner));
  js_end_ = locations_.size();
}

// The leaf's frame is a builtin's own, of the function `shared`. What was interrupted
// is that builtin or a step without a frame that it called and that returns to it; but
// a frame also holds remains of earlier calls.
LocationId FrameResolver::LocationInFrame(size_t index, const Builtins::Builtin& leaf_builtin,
                                          const LeafState& leaf, uint64_t shared) {
  LocationId likely = LocationOf(leaf_builtin, frames_[index].pc);
  if (Builtins::IsUnread(leaf_builtin)) return likely;
  const uint64_t return_address = index + 1 < frames_.size() ? frames_[index + 1].pc : 0;
  std::string name;
  const auto is_called_so = [&](LocationId location) {
    if (name.empty()) name.append(".").append(functions_.NameOfBuiltin(shared));
    const StringId full = code_table_.function(code_table_.location(location).function).name;
    return code_table_.strings().Get(full).ends_with(name);
  };
  bool is_first = true;
  for (uint64_t word : leaf.stack) {
    if (return_address != 0 && word == return_address) break;  // above it is the caller's
    if (!bounds_.IsGenerated_signal(word)) continue;
    const bool is_top = std::exchange(is_first, false);
    const Builtins::Builtin* caller = BuiltinAt(word - 1);
    const LocationId location = caller != nullptr ? LocationOf(*caller, word - 1) : kNoId;
    if (location == kNoId || location == likely) continue;
    if (likely != kNoId && is_called_so(likely)) break;
    if ((likely == kNoId && is_top) || is_called_so(location)) likely = location;
  }
  return likely;
}

bool FrameResolver::AppendCompiled(const Frame& frame, CodeInfo& code, bool constructing,
                                   const LeafState* leaf) {
  const uint64_t pc = leaf != nullptr ? frame.pc : frame.pc - 1;
  const uint64_t callee = leaf != nullptr ? leaf->function : 0;
  if (!locator_.AppendCompiled(code, pc, {frame.slots, constructing}, leaf != nullptr, callee, &locations_)) {
    return false;
  }
  js_end_ = locations_.size();
  return true;
}

bool FrameResolver::AppendInterpreted(const Frame& frame, bool constructing, const LeafState* leaf) {
  if (!locator_.AppendInterpreted({frame.slots, constructing}, leaf, &locations_)) return false;
  js_end_ = locations_.size();
  return true;
}

void FrameResolver::RememberCaller(uint64_t pc, const Builtins::Builtin& builtin, LocationId location) {
  if (!builtin.interprets && !Builtins::IsUnread(builtin)) builtin_callers_.emplace(pc, location);
}

// kNoId when it is a step of V8's own, not a function that JS calls. Unread: a
// native location, which NameNativeFrames() treats alike when the profile is encoded.
LocationId FrameResolver::LocationOf(const Builtins::Builtin& builtin, uint64_t pc) {
  if (Builtins::IsUnread(builtin)) return code_table_.NativeLocation(InEmbedded(pc));
  auto [entry, added] = builtin_locations_.try_emplace(builtin.start, kNoId);
  if (added) {
    const std::string name = JsFunctionOfBuiltin(builtins_.name(builtin));
    if (!name.empty()) entry->second = code_table_.SyntheticLocation(name);
  }
  return entry->second;
}

}  // namespace hotspan
