#include "frame_resolver.h"

#include <algorithm>
#include <cstring>

#include "../core/flat_index.h"
#include "../platform/guarded_read.h"
#include "../platform/machine_x64.h"
#include "position_table.h"
#include "safepoint_table.h"

namespace hotspan {
namespace {

constexpr int kNoMarker = -1;
constexpr int32_t kMaxArrayBytes = 64 * 1024 * 1024;
// struct InliningPosition: SourcePosition position; int inlined_function_id.
constexpr size_t kInliningPositionBytes = 16;
constexpr int kMaxInliningDepth = 256;

}  // namespace

FrameResolver::FrameResolver(const Layout& layout, const WalkBounds& bounds,
                             const Builtins& builtins, CodeTable& code, Options options)
    : layout_(layout),
      bounds_(bounds),
      builtins_(builtins),
      code_table_(code),
      options_(options),
      heap_(layout_),
      code_finder_(heap_, bounds.code_range.start, bounds.code_range.limit),
      functions_(heap_, code) {
  program_ = code_table_.SyntheticLocation("(program)");
  regexp_ = code_table_.SyntheticLocation("(regexp)");
  unresolved_location_ = code_table_.SyntheticLocation("(unresolved)");
}

void FrameResolver::ForgetFunctions() {
  functions_.ForgetFunctions();
  last_ = {};
}

void FrameResolver::ForgetAddresses() {
  ForgetFunctions();
  ++code_epoch_;
  leaf_by_pc_.clear();
  code_finder_.Clear();
  functions_.ForgetAddresses();
  by_pc_.clear();
  span_arena_.clear();
  by_bytecode_.clear();
  bytecodes_.clear();
}

std::span<const LocationId> FrameResolver::Resolve(std::span<const uint64_t> frames,
                                                   bool interrupted) {
  locations_.clear();
  js_end_ = 0;
  if (frames.size() < kLeafWords) {
    locations_.push_back(program_);
    return locations_;
  }
  LeafState leaf;
  std::memcpy(&leaf, frames.data(), sizeof leaf);
  std::span<const uint64_t> words = frames.subspan(kLeafWords);
  size_t shared_words = SharedWords(words);
  Decode(words);
  if (interrupted) RepairLeaf(leaf);
  const NativeFrames mode = native_frames_.load(std::memory_order_relaxed);
  uint64_t unresolved_before = unresolved_;
  bool any_generated = false;
  std::vector<Resolved::Boundary> boundaries;
  for (size_t i = 0; i < frames_.size(); ++i) {
    const Frame& frame = frames_[i];
    if (i > 0 && frame.words_below > 0) {
      if (AppendShared(frame, shared_words)) {
        any_generated = true;
        for (const Resolved::Boundary& known : last_.boundaries) {
          if (known.words_below > frame.words_below) continue;
          boundaries.push_back({known.words_below, known.location + locations_.size() - last_.locations.size()});
        }
        break;
      }
      boundaries.push_back({frame.words_below, locations_.size()});
    }
    if (frame.generated) {
      any_generated = true;
      AppendGenerated(i, leaf, interrupted && i == 0);
      continue;
    }
    // The C++ half of a builtin names it, whatever the mode.
    bool is_builtin = i + 1 < frames_.size() && frames_[i + 1].generated &&
                      frames_[i + 1].pc != 0 &&
                      MarkerOf(frames_[i + 1]) == layout_.frame_builtin_exit;
    bool wanted = mode == NativeFrames::kAll || (mode == NativeFrames::kLeaf && i == 0 && interrupted);
    if (!wanted && !is_builtin) continue;
    locations_.push_back(code_table_.NativeLocation(i == 0 && interrupted ? frame.pc : frame.pc - 1));
  }
  last_.words.assign(words.begin(), words.end());
  last_.boundaries = std::move(boundaries);
  last_.locations = locations_;
  last_.js_end = js_end_;
  if (js_end_ > 0) {
    // Below the first JS frame stand main, the event loop and their callbacks:
    // the same in every stack.
    locations_.resize(js_end_);
  } else {
    bool lost = any_generated && unresolved_ > unresolved_before;
    locations_.push_back(lost ? unresolved_location_ : program_);
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
    const bool is_builtin = bounds_.embedded.Contains(pc) || options_.builtins_copy.Contains(pc);
    if (!is_builtin || !IsStrongPointer(slots.context_or_marker) || !IsStrongPointer(slots.bytecode_array)) continue;
    mix(slots.bytecode_array);
    mix(slots.bytecode_offset);
  }
  return key;
}

// How many words both records end with.
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
  if (frames_.empty() || !frames_[0].generated || BuiltinAt(frames_[0].pc) != nullptr) return;
  uint64_t pc = frames_[0].pc;
  auto [entry, added] = leaf_by_pc_.try_emplace(pc, machine::LeafFrame::kComplete);
  if (added) {
    CodeInfo* code = code_finder_.Find(pc);
    uint8_t instruction = 0;
    if (code != nullptr && code->kind >= layout_.code_kind_baseline && GuardedRead(pc, &instruction)) {
      entry->second = machine::ClassifyLeaf(code->setup, pc - code->start, instruction);
    }
  }
  uint64_t caller_pc = 0;
  switch (entry->second) {
    case machine::LeafFrame::kComplete: return;
    case machine::LeafFrame::kReturnAtSp: caller_pc = leaf.stack[0]; break;
    case machine::LeafFrame::kReturnAboveSp: caller_pc = leaf.stack[1]; break;
  }
  if (!bounds_.IsGenerated_signal(caller_pc)) return;
  Frame caller;
  caller.pc = caller_pc;
  caller.generated = true;
  caller.slots = frames_[0].slots;
  frames_[0].slots = {};
  frames_.insert(frames_.begin() + 1, caller);
}

const Builtins::Builtin* FrameResolver::BuiltinAt(uint64_t pc) const {
  if (options_.builtins_copy.Contains(pc)) pc += options_.copy_to_embedded;
  return bounds_.embedded.Contains(pc) ? builtins_.Find(pc) : nullptr;
}

// Typed frames hold their type, shifted by the Smi tag, where JS frames hold
// the context.
int FrameResolver::MarkerOf(const Frame& frame) const {
  uint64_t word = frame.slots.context_or_marker;
  constexpr uint64_t kMaxMarker = 128;
  return (word & 1) == 0 && word < kMaxMarker ? static_cast<int>(word >> 1) : kNoMarker;
}

bool FrameResolver::IsConstructFrame(size_t index) const {
  if (index >= frames_.size() || !frames_[index].generated) return false;
  int marker = MarkerOf(frames_[index]);
  return marker != kNoMarker &&
         (marker == layout_.frame_construct || marker == layout_.frame_fast_construct);
}

void FrameResolver::AppendGenerated(size_t index, const LeafState& leaf, bool interrupted) {
  const Frame& frame = frames_[index];
  if (frame.pc == 0) return;  // an exit frame: plumbing
  bool constructing = IsConstructFrame(index + 1);
  int marker = MarkerOf(frame);
  uint64_t lookup = interrupted ? frame.pc : frame.pc - 1;
  if (const Builtins::Builtin* builtin = BuiltinAt(lookup)) {
    if (marker == layout_.frame_builtin) return AppendBuiltin(*builtin);
    if (marker != kNoMarker) return;  // plumbing between JS and C++
    // A leaf may run without a frame of its own over one of the interpreter.
    if ((interrupted || builtin->interprets) &&
        AppendInterpreted(frame, interrupted ? &leaf : nullptr, constructing)) {
      return;
    }
    return AppendOverJsFrame(frame, *builtin, interrupted ? &leaf : nullptr, constructing);
  }
  if (auto cached = by_pc_.find(lookup); cached != by_pc_.end()) return AppendSpan(cached->second);
  CodeInfo* code = code_finder_.Find(lookup);
  if (code == nullptr) {
    ++unresolved_;
    return;
  }
  if (code->kind == layout_.code_kind_regexp) {
    locations_.push_back(regexp_);
  } else if (code->kind >= layout_.code_kind_baseline) {
    if (!AppendJit(frame, *code, constructing, interrupted, leaf.function)) ++unresolved_;
  } else if (marker == kNoMarker) {
    // A copy of the interpreter's trampoline (--interpreted-frames-native-stack).
    trampoline_copies_ = true;
    if (!AppendInterpreted(frame, interrupted ? &leaf : nullptr, constructing)) ++unresolved_;
  }
}

// A builtin whose frame pointer shows a JS frame: the builtin's own, when it is
// a function of JS; else that of its caller, and the builtin has none.
void FrameResolver::AppendOverJsFrame(const Frame& frame, const Builtins::Builtin& builtin,
                                      const LeafState* leaf, bool constructing) {
  std::optional<uint64_t> shared = functions_.SharedOf(frame.slots.function);
  FunctionInfo* owner = shared ? functions_.FromShared(*shared) : nullptr;
  bool owner_is_builtin = shared && owner == nullptr;
  if (leaf == nullptr) {
    if (owner_is_builtin || (!shared && !builtin.interprets)) return AppendBuiltin(builtin);
    ++unresolved_;
    return;
  }
  // The caller's pc is the builtin's return address, near the top of the stack.
  for (uint64_t word : leaf->stack) {
    if (!bounds_.IsGenerated_signal(word)) continue;
    if (const Builtins::Builtin* caller = BuiltinAt(word - 1)) {
      if (owner_is_builtin) return AppendBuiltin(*caller);
      continue;
    }
    CodeInfo* code = code_finder_.Find(word - 1);
    if (code == nullptr || code->kind < layout_.code_kind_baseline) continue;
    Frame caller = frame;
    caller.pc = word;
    size_t before = locations_.size(), js_before = js_end_;
    if (!AppendJit(caller, *code, constructing, false, 0)) continue;
    if (owner == nullptr || code->function == owner) return;
    locations_.resize(before);
    js_end_ = js_before;
  }
  if (owner_is_builtin) return AppendBuiltin(builtin);
  if (owner == nullptr) {
    ++unresolved_;
    return;
  }
  locations_.push_back(functions_.Locate(*owner));
  js_end_ = locations_.size();
}

void FrameResolver::AppendSpan(Span span) {
  for (uint32_t i = 0; i < span.count; ++i) locations_.push_back(span_arena_[span.first + i]);
  js_end_ = locations_.size();
}

void FrameResolver::AppendBuiltin(const Builtins::Builtin& builtin) {
  auto [entry, added] = builtin_locations_.try_emplace(builtin.start, kNoId);
  if (added) {
    std::string name = JsNameOfBuiltin(builtins_.name(builtin));
    // Others are steps of V8's own, not functions that JS calls.
    bool known_to_js = name.find('.') != std::string::npos || std::string_view(name) != builtins_.name(builtin);
    if (known_to_js) entry->second = code_table_.SyntheticLocation(name);
  }
  if (entry->second != kNoId) locations_.push_back(entry->second);
}

bool FrameResolver::AppendJit(const Frame& frame, CodeInfo& code, bool constructing, bool leaf,
                              uint64_t callee) {
  uint64_t lookup = leaf ? frame.pc : frame.pc - 1;
  if (lookup < code.start) return false;
  int32_t pc_offset = static_cast<int32_t>(lookup - code.start);
  size_t before = locations_.size();
  uint64_t shared = 0;
  bool optimized = code.kind > layout_.code_kind_baseline;
  FunctionInfo* function = optimized
                               ? FunctionOfOptimized(code, &shared)
                               : FunctionOfBaseline(code, frame, leaf, callee, &shared);
  if (function == nullptr) return false;
  if (functions_.SharedOf(frame.slots.function) == shared) {
    functions_.LearnFromCall(*function, frame.slots.function, frame.slots.receiver, constructing);
  }
  if (optimized) {
    AppendOptimized(code, shared, pc_offset, leaf);
  } else {
    uint64_t array = BytecodeOf(shared);
    if (heap_.Is(code.deoptimization_data, layout_.type_bytecode_array)) {
      array = code.deoptimization_data;
    }
    const BytecodeInfo& bytecode = Bytecode(array);
    int32_t offset = -1;
    std::vector<uint8_t> table, bytes;
    if (bytecode.length > 0 && ReadArray(code.position_table, &table)) {
      bytes.resize(static_cast<size_t>(bytecode.length));
      if (heap_.Bytes(array, layout_.bytecode_data, bytes.data(), bytes.size())) {
        offset = FindBaselineBytecode(table, bytes, builtins_.bytecode_sizes(),
                                      static_cast<uint32_t>(pc_offset))
                     .value_or(-1);
      }
    }
    int32_t position = offset >= 0 ? OffsetOfBytecode(bytecode, offset) : -1;
    LocationId location = functions_.Locate(*function, shared, position);
    if (location != kNoId) locations_.push_back(location);
  }
  Span span{static_cast<uint32_t>(span_arena_.size()),
            static_cast<uint32_t>(locations_.size() - before)};
  span_arena_.insert(span_arena_.end(), locations_.begin() + static_cast<ptrdiff_t>(before),
                     locations_.end());
  by_pc_[lookup] = span;
  js_end_ = locations_.size();
  return true;
}

FunctionInfo* FrameResolver::FunctionOfOptimized(CodeInfo& code, uint64_t* shared) {
  std::optional<uint64_t> word = heap_.Element(code.deoptimization_data, layout_.deopt_shared);
  if (!word) return nullptr;
  if (layout_.deopt_shared_is_wrapped && heap_.Is(*word, layout_.type_sfi_wrapper)) {
    word = heap_.Word(*word, layout_.sfi_wrapper_shared);
    if (!word) return nullptr;
  }
  *shared = *word;
  code.function = functions_.FromShared(*word);
  return code.function;
}

// Baseline code does not name its function. The frame does, once it stands; a
// candidate is believed when its bytecode is the code's. Without that, a frame
// that was found on a stack with remains of earlier calls would name the code
// wrongly, and all later samples of it.
FunctionInfo* FrameResolver::FunctionOfBaseline(CodeInfo& code, const Frame& frame, bool leaf,
                                                uint64_t callee, uint64_t* shared) {
  for (uint64_t function : {frame.slots.function, callee}) {
    std::optional<uint64_t> candidate = functions_.SharedOf(function);
    if (!candidate) continue;
    std::optional<uint64_t> data = heap_.Word(*candidate, layout_.sfi_function_data);
    uint64_t bytecode = BytecodeOf(*candidate);
    bool known = bytecode != 0 && heap_.Is(code.deoptimization_data, layout_.type_bytecode_array);
    bool proven = data == code.code || (known && bytecode == code.deoptimization_data) ||
                  (!known && !leaf && function == frame.slots.function);
    if (!proven) continue;
    *shared = *candidate;
    code.function = functions_.FromShared(*candidate);
    return code.function;
  }
  return nullptr;
}

uint64_t FrameResolver::BytecodeOf(uint64_t shared) const {
  std::optional<uint64_t> data = heap_.Word(shared, layout_.sfi_function_data);
  for (int i = 0; data && i < 3; ++i) {
    std::optional<int> type = heap_.TypeOf(*data);
    if (!type) return 0;
    if (*type == layout_.type_bytecode_array) return *data;
    if (*type == layout_.type_interpreter_data) {
      data = heap_.Word(*data, 8);
    } else if (*type == layout_.type_code) {
      data = heap_.Word(*data, layout_.code_deoptimization_data);
    } else {
      return 0;
    }
  }
  return 0;
}

bool FrameResolver::ReadArray(uint64_t array, std::vector<uint8_t>* out) const {
  if (!IsStrongPointer(array)) return false;
  std::optional<int32_t> length = heap_.Smi(array, layout_.array_length);
  if (!length || *length <= 0 || *length > kMaxArrayBytes) return false;
  out->resize(static_cast<size_t>(*length));
  return heap_.Bytes(array, layout_.array_data, out->data(), out->size());
}

// Maglev peels loops and gives all code of the second copy the position of the
// loop's end. What its deoptimization data say about a call is exact: the
// bytecode to go on at. Not used where functions are inlined, which would need
// the frame translations. Returns the script offset, -1 when not known.
int32_t FrameResolver::OffsetOfMaglevCall(const CodeInfo& code, uint64_t shared,
                                          int32_t return_offset) {
  if (code.kind != layout_.code_kind_maglev || !layout_.maglev_peels_loops) return -1;
  std::optional<uint64_t> inlined =
      heap_.Element(code.deoptimization_data, layout_.deopt_inlined_count);
  if (!inlined || *inlined != 0) return -1;
  std::vector<uint8_t> table(kMaglevSafepoints.header_bytes);
  uint64_t address = code.start + code.size;
  if (!GuardedRead(address, table.data(), table.size())) return -1;
  table.resize(SafepointTableBytes(table, kMaglevSafepoints));
  if (table.empty() || !GuardedRead(address, table.data(), table.size())) return -1;
  std::optional<int32_t> index =
      FindDeoptIndex(table, kMaglevSafepoints, static_cast<uint32_t>(return_offset));
  if (!index) return -1;
  std::optional<uint64_t> offset = heap_.Element(
      code.deoptimization_data, layout_.deopt_first_entry + *index * layout_.deopt_entry_size);
  if (!offset || !IsSmi(*offset) || SmiValue(*offset) < 0) return -1;
  const BytecodeInfo& bytecode = Bytecode(BytecodeOf(shared));
  return bytecode.length > SmiValue(*offset) ? OffsetOfBytecode(bytecode, SmiValue(*offset)) : -1;
}

void FrameResolver::AppendOptimized(CodeInfo& code, uint64_t shared, int32_t pc_offset, bool leaf) {
  std::vector<uint8_t> table;
  std::optional<SourcePosition> position;
  if (ReadArray(code.position_table, &table)) position = FindSourcePosition(table, pc_offset, layout_.position_encoding);
  int32_t exact = leaf ? -1 : OffsetOfMaglevCall(code, shared, pc_offset + 1);
  if (exact >= 0) position = SourcePosition{false, exact, -1};
  auto append = [&](FunctionInfo* function, uint64_t of, int32_t offset) {
    LocationId location = function != nullptr ? functions_.Locate(*function, of, offset) : kNoId;
    if (location != kNoId) locations_.push_back(location);
  };
  for (int depth = 0; position && position->inlining_id >= 0 && depth < kMaxInliningDepth; ++depth) {
    std::optional<uint64_t> inlinings =
        heap_.Element(code.deoptimization_data, layout_.deopt_inlining_positions);
    std::optional<uint64_t> literals =
        heap_.Element(code.deoptimization_data, layout_.deopt_literals);
    std::vector<uint8_t> entries;
    size_t at = static_cast<size_t>(position->inlining_id) * kInliningPositionBytes;
    if (!inlinings || !literals || !ReadArray(*inlinings, &entries) ||
        at + kInliningPositionBytes > entries.size()) {
      break;
    }
    uint64_t packed;
    int32_t function_id;
    std::memcpy(&packed, &entries[at], sizeof packed);
    std::memcpy(&function_id, &entries[at + 8], sizeof function_id);
    if (std::optional<uint64_t> literal = heap_.Element(*literals, function_id)) {
      uint64_t inlined = *literal & ~uint64_t{2};  // weak bit
      append(functions_.FromShared(inlined), inlined, position->script_offset);
    }
    position = SourcePosition::Decode(packed);
  }
  append(code.function, shared, position ? position->script_offset : -1);
}

const FrameResolver::BytecodeInfo& FrameResolver::Bytecode(uint64_t bytecode_array) {
  auto [entry, added] = bytecodes_.try_emplace(bytecode_array);
  BytecodeInfo& info = entry->second;
  if (!added) return info;
  info.length = -1;
  if (!heap_.Is(bytecode_array, layout_.type_bytecode_array)) return info;
  std::optional<int32_t> length = heap_.Smi(bytecode_array, layout_.bytecode_length);
  if (!length || *length <= 0 || *length > kMaxArrayBytes) return info;
  info.length = *length;
  info.position_table = heap_.Word(bytecode_array, layout_.bytecode_position_table).value_or(0);
  return info;
}

int32_t FrameResolver::OffsetOfBytecode(const BytecodeInfo& bytecode, int32_t offset) {
  std::vector<uint8_t> table;
  if (!ReadArray(bytecode.position_table, &table)) return -1;
  std::optional<SourcePosition> position = FindSourcePosition(table, offset, layout_.position_encoding);
  return position ? position->script_offset : -1;
}

bool FrameResolver::AppendInterpreted(const Frame& frame, const LeafState* leaf,
                                      bool constructing) {
  uint64_t array = frame.slots.bytecode_array;
  if (!IsStrongPointer(array)) return false;
  auto known = bytecodes_.find(array);
  if (known == bytecodes_.end()) {
    Bytecode(array);
    known = bytecodes_.find(array);
  }
  BytecodeInfo& bytecode = known->second;
  if (bytecode.length < 0) return false;
  if (bytecode.function == nullptr) {
    std::optional<uint64_t> shared = functions_.SharedOf(frame.slots.function);
    // The slots may be an earlier call's: believed when they agree.
    if (!shared) return false;
    uint64_t own = BytecodeOf(*shared);
    if (own != array && (own != 0 || leaf != nullptr)) return false;
    bytecode.function = functions_.FromShared(*shared);
    bytecode.shared = *shared;
    if (bytecode.function == nullptr) return false;
  }
  functions_.LearnFromCall(*bytecode.function, frame.slots.function, frame.slots.receiver,
                           constructing);
  int32_t header = layout_.bytecode_data - 1;
  int32_t offset = IsSmi(frame.slots.bytecode_offset) ? SmiValue(frame.slots.bytecode_offset) - header : -1;
  // A running bytecode handler keeps the offset in its register and stores it
  // to the frame only for calls.
  if (leaf != nullptr && leaf->bytecode_array == array) {
    uint64_t in_register = leaf->bytecode_offset - static_cast<uint64_t>(header);
    if (in_register < static_cast<uint64_t>(bytecode.length)) offset = static_cast<int32_t>(in_register);
  }
  if (offset >= bytecode.length) offset = -1;
  auto [entry, added] = by_bytecode_.try_emplace(InterpretedKey{array, offset}, kNoId);
  if (added) {
    int32_t position = offset >= 0 ? OffsetOfBytecode(bytecode, offset) : -1;
    entry->second = functions_.Locate(*bytecode.function, bytecode.shared, position);
  }
  if (entry->second != kNoId) locations_.push_back(entry->second);
  js_end_ = locations_.size();
  return true;
}

}  // namespace hotspan
