#include "code_locator.h"

#include <cstring>

#include "../core/flat_index.h"
#include "../platform/guarded_read.h"
#include "position_table.h"
#include "safepoint_table.h"

namespace hotspan {
namespace {

constexpr int32_t kMaxArrayBytes = 64 * 1024 * 1024;
// struct InliningPosition: SourcePosition position; int inlined_function_id.
constexpr size_t kInliningPositionBytes = 16;
constexpr int kMaxInliningDepth = 256;
// Of machine code: tens of times what a large function has, a quarter of a millisecond.
constexpr uint32_t kMaxScannedBytes = 256 * 1024;
// Of all CodeTables. The table of a large function has some KB.
constexpr size_t kMaxTableBytes = 1024 * 1024;
// Of one, besides its arrays.
constexpr size_t kTableOverhead = 256;

}  // namespace

void CodeLocator::ForgetAddresses() {
  by_pc_.clear();
  span_arena_.clear();
  by_bytecode_.clear();
  bytecodes_.clear();
}

void CodeLocator::ForgetTables() {
  tables_.clear();
  table_bytes_ = 0;
}

size_t CodeLocator::CodeKeyHash::operator()(const CodeKey& key) const {
  return MixBits(MixBits(reinterpret_cast<uint64_t>(key.function) ^ key.start) ^ key.sizes);
}

CodeLocator::CodeTables& CodeLocator::TablesOf(const CodeKey& key) {
  auto [entry, added] = tables_.try_emplace(key);
  if (added) table_bytes_ += kTableOverhead;
  return entry->second;
}

bool CodeLocator::ReadOnce(uint64_t array, std::vector<uint8_t>* table) {
  if (!table->empty()) return true;
  if (!ReadArray(array, table)) {
    *table = {};
    return false;
  }
  table_bytes_ += table->size();
  return true;
}

bool CodeLocator::AppendKnown(uint64_t pc, std::vector<LocationId>* out) const {
  auto known = by_pc_.find(pc);
  if (known == by_pc_.end()) return false;
  auto first = span_arena_.begin() + known->second.first;
  out->insert(out->end(), first, first + known->second.count);
  return true;
}

bool CodeLocator::AppendCompiled(CodeInfo& code, uint64_t pc, const Call& call, bool leaf,
                                 uint64_t callee, std::vector<LocationId>* out) {
  if (pc < code.start) return false;
  if (table_bytes_ > kMaxTableBytes) ForgetTables();
  int32_t pc_offset = static_cast<int32_t>(pc - code.start);
  size_t before = out->size();
  const bool optimized = code.kind > layout_.code_kind_baseline;
  if (code.function == nullptr) {
    if (optimized) {
      FindFunctionOfOptimized(code);
    } else {
      FindFunctionOfBaseline(code, call.slots, leaf, callee);
    }
    if (code.function == nullptr) return false;
  }
  if (functions_.CanLearn(*code.function, call.constructing) &&
      functions_.SharedOf(call.slots.function) == code.shared) {
    functions_.LearnFromCall(*code.function, call.slots.function, call.slots.receiver, call.constructing);
  }
  if (optimized) {
    AppendOptimized(code, pc_offset, leaf, out);
  } else {
    AppendBaseline(code, pc_offset, out);
  }
  by_pc_[pc] = {static_cast<uint32_t>(span_arena_.size()), static_cast<uint32_t>(out->size() - before)};
  span_arena_.insert(span_arena_.end(), out->begin() + static_cast<ptrdiff_t>(before), out->end());
  return true;
}

void CodeLocator::FindFunctionOfOptimized(CodeInfo& code) {
  std::optional<uint64_t> word = heap_.Element(code.deoptimization_data, layout_.deopt_shared);
  if (!word) return;
  if (layout_.deopt_shared_is_wrapped && heap_.Is(*word, layout_.type_sfi_wrapper)) {
    word = heap_.Word(*word, layout_.sfi_wrapper_shared);
    if (!word) return;
  }
  code.shared = *word;
  code.function = functions_.FromShared(*word);
  // Before it stands a number that V8 gives to each piece of TurboFan's code.
  const auto optimization = heap_.Element(code.deoptimization_data, layout_.deopt_shared - 1);
  if (optimization && IsSmi(*optimization)) code.sizes = MixBits(code.sizes ^ *optimization);
}

// Baseline code does not name its function. The frame does, once it stands; a
// candidate is believed when its bytecode is the code's. Without that, a frame
// that was found on a stack with remains of earlier calls would name the code
// wrongly, and all later samples of it.
void CodeLocator::FindFunctionOfBaseline(CodeInfo& code, const FrameSlots& slots, bool leaf,
                                         uint64_t callee) {
  for (uint64_t function : {slots.function, callee}) {
    std::optional<uint64_t> candidate = functions_.SharedOf(function);
    if (!candidate) continue;
    std::optional<uint64_t> data = heap_.Word(*candidate, layout_.sfi_function_data);
    uint64_t bytecode = BytecodeOf(*candidate);
    bool known = bytecode != 0 && heap_.Is(code.deoptimization_data, layout_.type_bytecode_array);
    bool proven = data == code.code || (known && bytecode == code.deoptimization_data) ||
                  (!known && !leaf && function == slots.function);
    if (!proven) continue;
    code.shared = *candidate;
    code.function = functions_.FromShared(*candidate);
    return;
  }
}

void CodeLocator::AppendBaseline(const CodeInfo& code, int32_t pc_offset, std::vector<LocationId>* out) {
  const bool names_bytecode = heap_.Is(code.deoptimization_data, layout_.type_bytecode_array);
  const uint64_t array = names_bytecode ? code.deoptimization_data : BytecodeOf(code.shared);
  const BytecodeInfo& bytecode = Bytecode(array);
  int32_t offset = -1;
  std::vector<uint8_t>& table = TablesOf({code.function, code.start, code.sizes}).positions;
  if (bytecode.length > 0 && ReadOnce(code.position_table, &table)) {
    std::vector<uint8_t> bytes(static_cast<size_t>(bytecode.length));
    if (heap_.Bytes(array, layout_.bytecode_data, bytes.data(), bytes.size())) {
      offset = FindBaselineBytecode(table, bytes, builtins_.bytecode_sizes(),
                                    static_cast<uint32_t>(pc_offset))
                   .value_or(-1);
    }
  }
  int32_t position = offset >= 0 ? OffsetOfBytecode(code.function, bytecode, offset) : -1;
  LocationId location = functions_.Locate(*code.function, code.shared, position);
  if (location != kNoId) out->push_back(location);
}

void CodeLocator::AppendOptimized(const CodeInfo& code, int32_t pc_offset, bool leaf,
                                  std::vector<LocationId>* out) {
  CodeTables& tables = TablesOf({code.function, code.start, code.sizes});
  std::optional<SourcePosition> position;
  if (ReadOnce(code.position_table, &tables.positions)) {
    position = PositionInOptimized(code, tables.positions, pc_offset, leaf);
  }
  int32_t exact = leaf ? -1 : OffsetOfMaglevCall(code, pc_offset + 1);
  if (exact >= 0) position = SourcePosition{false, exact, -1};
  auto append = [&](LocationId location) {
    if (location != kNoId) out->push_back(location);
  };
  for (int depth = 0; position && position->inlining_id >= 0 && depth < kMaxInliningDepth; ++depth) {
    if (tables.inlinings.empty()) {
      const auto inlinings = heap_.Element(code.deoptimization_data, layout_.deopt_inlining_positions);
      if (!inlinings || !ReadOnce(*inlinings, &tables.inlinings)) break;
    }
    size_t at = static_cast<size_t>(position->inlining_id) * kInliningPositionBytes;
    if (at + kInliningPositionBytes > tables.inlinings.size()) break;
    uint64_t packed;
    int32_t number;
    std::memcpy(&packed, &tables.inlinings[at], sizeof packed);
    std::memcpy(&number, &tables.inlinings[at + 8], sizeof number);
    append(LocateInlined(code, tables, number, position->script_offset));
    position = SourcePosition::Decode(packed);
  }
  append(functions_.Locate(*code.function, code.shared, position ? position->script_offset : -1));
}

// Slow paths stand behind the rest of the code. Maglev's have no entries in the table, nor have
// TurboFan's that belong to one instruction; those of TurboFan's allocations had none before V8 12.
// The entry found for them belongs to whatever code happens to stand before.
std::optional<SourcePosition> CodeLocator::PositionInOptimized(const CodeInfo& code, std::span<const uint8_t> table,
                                                               int32_t pc_offset, bool leaf) const {
  const auto entry = FindPositionEntry(table, pc_offset, layout_.position_encoding);
  if (!entry || entry->code_offset < 0 || static_cast<uint32_t>(pc_offset) >= code.size) {
    return entry ? std::optional(entry->position) : std::nullopt;
  }
  const bool may_allocate = !layout_.turbofan_places_allocations && !leaf && code.kind != layout_.code_kind_maglev;
  if (!entry->is_last && !may_allocate) return entry->position;
  if (code.size > kMaxScannedBytes) return entry->position;
  std::vector<uint8_t> instructions(code.size);
  if (!GuardedRead(code.start, instructions.data(), code.size)) return entry->position;
  const size_t entry_offset = static_cast<size_t>(entry->code_offset);
  size_t at = static_cast<size_t>(pc_offset);
  const auto map_store = may_allocate ? machine::FindMapStoreOfSlowAllocation(instructions, at + 1) : std::nullopt;
  if (!map_store && !entry->is_last) return entry->position;
  // Back along the jumps that lead here, one of which may start in a slow path, too.
  while (const auto way = machine::FindWayInto(instructions, entry_offset, at)) at = way->from;
  if (at >= entry_offset) return entry->position;
  return FindSourcePosition(table, static_cast<int32_t>(map_store.value_or(at)), layout_.position_encoding);
}

LocationId CodeLocator::LocateInlined(const CodeInfo& code, CodeTables& tables, int32_t number,
                                      int32_t offset) {
  const auto known = tables.inlined.find(number);
  if (known != tables.inlined.end()) {
    const LocationId location = functions_.Located(*known->second, offset);
    if (location != kNoId) {
      ++inlined_;
      return location;
    }
  }
  const auto literals = heap_.Element(code.deoptimization_data, layout_.deopt_literals);
  const auto literal = literals ? heap_.Element(*literals, number) : std::nullopt;
  if (!literal) return kNoId;
  ++inlined_;
  const uint64_t shared = *literal & ~uint64_t{2};  // weak bit
  FunctionInfo* function = functions_.FromShared(shared);
  if (function != nullptr) tables.inlined[number] = function;
  return function != nullptr ? functions_.Locate(*function, shared, offset) : kNoId;
}

// Maglev peels loops and gives all code of the second copy the position of the
// loop's end. What its deoptimization data say about a call is exact: the
// bytecode to go on at. Not used where functions are inlined, which would need
// the frame translations. Returns the script offset, -1 when not known.
int32_t CodeLocator::OffsetOfMaglevCall(const CodeInfo& code, int32_t return_offset) {
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
  const BytecodeInfo& bytecode = Bytecode(BytecodeOf(code.shared));
  return bytecode.length > SmiValue(*offset) ? OffsetOfBytecode(code.function, bytecode, SmiValue(*offset)) : -1;
}

bool CodeLocator::AppendInterpreted(const Call& call, const LeafState* leaf,
                                    std::vector<LocationId>* out) {
  const FrameSlots& slots = call.slots;
  uint64_t array = slots.bytecode_array;
  if (!IsStrongPointer(array)) return false;
  if (table_bytes_ > kMaxTableBytes) ForgetTables();
  BytecodeInfo& bytecode = Bytecode(array);
  if (bytecode.length < 0) return false;
  if (bytecode.function == nullptr) {
    std::optional<uint64_t> shared = functions_.SharedOf(slots.function);
    // The slots may be an earlier call's: believed when they agree.
    if (!shared) return false;
    uint64_t own = BytecodeOf(*shared);
    if (own != array && (own != 0 || leaf != nullptr)) return false;
    bytecode.function = functions_.FromShared(*shared);
    bytecode.shared = *shared;
    if (bytecode.function == nullptr) return false;
  }
  functions_.LearnFromCall(*bytecode.function, slots.function, slots.receiver,
                           call.constructing);
  int32_t header = layout_.bytecode_data - 1;
  int32_t offset = IsSmi(slots.bytecode_offset) ? SmiValue(slots.bytecode_offset) - header : -1;
  // A running bytecode handler keeps the offset in its register and stores it
  // to the frame only for calls.
  if (leaf != nullptr && leaf->bytecode_array == array) {
    uint64_t in_register = leaf->bytecode_offset - static_cast<uint64_t>(header);
    if (in_register < static_cast<uint64_t>(bytecode.length)) offset = static_cast<int32_t>(in_register);
  }
  if (offset >= bytecode.length) offset = -1;
  auto [entry, added] = by_bytecode_.try_emplace(InterpretedKey{array, offset}, kNoId);
  if (added) {
    int32_t position = offset >= 0 ? OffsetOfBytecode(bytecode.function, bytecode, offset) : -1;
    entry->second = functions_.Locate(*bytecode.function, bytecode.shared, position);
  }
  if (entry->second != kNoId) out->push_back(entry->second);
  return true;
}

bool CodeLocator::KnowsBytecode(uint64_t bytecode_array) const {
  const auto known = bytecodes_.find(bytecode_array);
  if (known == bytecodes_.end()) return false;
  const FunctionInfo* function = known->second.function;
  return function != nullptr && !functions_.CanLearn(*function, false);
}

CodeLocator::BytecodeInfo& CodeLocator::Bytecode(uint64_t bytecode_array) {
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

int32_t CodeLocator::OffsetOfBytecode(const FunctionInfo* function, const BytecodeInfo& bytecode,
                                      int32_t offset) {
  std::vector<uint8_t>& table = TablesOf({function, 0, static_cast<uint64_t>(bytecode.length)}).positions;
  if (!ReadOnce(bytecode.position_table, &table)) return -1;
  std::optional<SourcePosition> position = FindSourcePosition(table, offset, layout_.position_encoding);
  return position ? position->script_offset : -1;
}

uint64_t CodeLocator::BytecodeOf(uint64_t shared) const {
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

bool CodeLocator::ReadArray(uint64_t array, std::vector<uint8_t>* out) const {
  if (!IsStrongPointer(array)) return false;
  std::optional<int32_t> length = heap_.Smi(array, layout_.array_length);
  if (!length || *length <= 0 || *length > kMaxArrayBytes) return false;
  out->resize(static_cast<size_t>(*length));
  return heap_.Bytes(array, layout_.array_data, out->data(), out->size());
}

}  // namespace hotspan
