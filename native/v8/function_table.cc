#include "function_table.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "../platform/guarded_read.h"

namespace hotspan {
namespace {

constexpr const char* kAnonymous = "<anonymous>";

// ScopeInfo flags (src/objects/scope-info.tq), the same bits in every V8 that
// hotspan knows.
constexpr uint32_t kHasSavedClassVariable = 1u << 10;
constexpr int kFunctionVariableShift = 12;  // 2 bits: none, stack, context, unused
constexpr uint32_t kHasInferredName = 1u << 14;
// FunctionKind (src/objects/function-kind.h): low 5 bits of the
// SharedFunctionInfo's flags.
constexpr int kKindMask = 31;
constexpr int kModule = 1, kAsyncModule = 2;
constexpr int kFirstConstructor = 3, kLastConstructor = 6;
constexpr int kFirstAccessor = 7, kLastAccessor = 10;
constexpr int kFirstConciseMethod = 14, kLastConciseMethod = 17;  // async, async generator

bool IsClassConstructor(int kind) { return kind >= kFirstConstructor && kind <= kLastConstructor; }

}  // namespace

std::optional<uint64_t> FunctionTable::SharedOf(uint64_t function) {
  if (function & kLastingBit) {  // or any word with that bit: a slot may hold what it likes
    const uint64_t shared = function & ~kLastingBit;
    return IsShared(shared) ? std::optional(shared) : std::nullopt;
  }
  if (!IsStrongPointer(function)) return std::nullopt;
  ReadAhead({&function, 1});
  const KnownFunction& known = SlotOf(function);
  if (known.shared == 0) return std::nullopt;
  return known.shared;
}

void FunctionTable::ReadAhead(std::span<const uint64_t> functions) {
  unknown_.clear();
  for (uint64_t function : functions) {
    if (!IsStrongPointer(function)) continue;
    KnownFunction& slot = SlotOf(function);
    if (IsKnown(slot, function)) continue;
    slot = {function, functions_epoch_, 0};
    unknown_.push_back(function);
  }
  // Each with its memory chunk: when caches are cold, one more place to read costs far
  // less than one more system call.
  constexpr size_t kMost = 8;
  for (size_t first = 0; first < unknown_.size(); first += kMost) {
    const size_t count = std::min(kMost, unknown_.size() - first);
    std::array<uint64_t, 2 * kMost> addresses;
    std::array<Head, 2 * kMost> heads;
    std::array<bool, 2 * kMost> readable;
    for (size_t i = 0; i < count; ++i) {
      addresses[2 * i] = Untag(unknown_[first + i]);
      addresses[2 * i + 1] = ChunkOf(addresses[2 * i]);
    }
    GuardedReadEach({addresses.data(), 2 * count}, sizeof(Head), heads.data(), readable.data());
    for (size_t i = 0; i < count; ++i) {
      const Head* chunk = readable[2 * i + 1] ? &heads[2 * i + 1] : nullptr;
      if (readable[2 * i]) Remember(unknown_[first + i], heads[2 * i], chunk);
    }
  }
}

void FunctionTable::Remember(uint64_t function, const Head& head, const Head* chunk) {
  const Layout& l = heap_.layout();
  const std::optional<HeapReader::MapFacts> facts = heap_.ProvenFacts(head.front());
  if (!facts || facts->type < l.type_js_function_first || facts->type > l.type_js_function_last) return;
  const uint64_t shared = head[static_cast<size_t>(l.js_function_shared) / 8];
  KnownFunction& slot = SlotOf(function);
  if (!IsKnown(slot, function) || !IsShared(shared)) return;
  slot.shared = shared;
  if (knows_ages_ && chunk != nullptr && !IsYoung(*chunk)) slot.epoch = old_epoch_;
}

bool FunctionTable::IsYoung(const Head& chunk) const {
  return (chunk[static_cast<size_t>(heap_.layout().chunk_flags) / 8] & Layout::kChunkIsYoung) != 0;
}

void FunctionTable::LearnAges(uint64_t young) {
  Head chunk;
  knows_ages_ = GuardedRead(ChunkOf(young), &chunk) && IsYoung(chunk);
}

uint64_t FunctionTable::LastingWord(uint64_t function) {
  const std::optional<uint64_t> shared = SharedOf(function);
  return shared ? *shared | kLastingBit : 0;
}

bool FunctionTable::HasMoreToTell(uint64_t function) {
  const FunctionInfo* info = FromFunction(function);
  return info != nullptr && CanLearn(*info, false);
}

bool FunctionTable::IsShared(uint64_t word) const {
  return by_address_.contains(word) || heap_.Is(word, heap_.layout().type_sfi);
}

FunctionInfo* FunctionTable::FromFunction(uint64_t function) {
  std::optional<uint64_t> shared = SharedOf(function);
  return shared ? FromShared(*shared) : nullptr;
}

FunctionInfo* FunctionTable::FromShared(uint64_t shared) {
  if (auto known = by_address_.find(shared); known != by_address_.end()) {
    if (known->second != nullptr) known->second->met = generation_;
    return known->second;
  }
  const Layout& l = heap_.layout();
  if (!heap_.Is(shared, l.type_sfi)) return nullptr;
  std::optional<uint64_t> script_word = heap_.Word(shared, l.sfi_script);
  std::optional<int32_t> literal = heap_.Int32(shared, l.sfi_literal_id);
  std::optional<int32_t> flags = heap_.Int32(shared, l.sfi_flags);
  if (!script_word || !literal || !flags) return nullptr;
  // A builtin has no script; its frames are named by their code instead.
  ScriptInfo* script = scripts_.Get(*script_word);
  if (script == nullptr) {
    by_address_[shared] = nullptr;
    return nullptr;
  }
  uint64_t identity = uint64_t{static_cast<uint32_t>(script->id)} << 32 | static_cast<uint32_t>(*literal);
  std::unique_ptr<FunctionInfo>& slot = by_identity_[identity];
  if (slot == nullptr) {
    NameAndStart described = Describe(shared);
    int kind = *flags & kKindMask;
    slot = std::make_unique<FunctionInfo>();
    slot->script = script;
    slot->literal_id = *literal;
    slot->own_name = described.name;
    if (IsClassConstructor(kind)) {
      slot->own_name = "new " + (described.name.empty() ? kAnonymous : described.name);
      slot->class_known = true;
    } else if (described.name.empty()) {
      slot->own_name = kAnonymous;
    }
    slot->is_accessor = kind >= kFirstAccessor && kind <= kLastAccessor;
    // Anonymous functions too: the receiver makes "Object.<anonymous>" of a
    // CommonJS module, as a stack trace does.
    slot->is_method = slot->is_accessor ||
                      (kind >= kFirstConciseMethod && kind < kKindMask) ||
                      (kind == 0 && described.name.empty());
    Function function;
    function.name = code_.strings().Intern(slot->own_name);
    function.file = script->file;
    function.script = script->code_id;
    function.literal_id = *literal;
    if (described.start >= 0) {
      auto start = scripts_.Locate(*script_word, *script, static_cast<uint32_t>(described.start));
      if (start) {
        function.start_line = start->line;
        function.start_column = start->column;
      }
    }
    slot->id = code_.AddFunction(function);
  }
  slot->met = generation_;
  by_address_[shared] = slot.get();
  return slot.get();
}

// The script of a bundle must not be among them while it runs: its lines would be counted
// again, and its source map copied.
void FunctionTable::ForgetUnmet() {
  ForgetAddresses();
  std::erase_if(by_identity_, [&](const auto& entry) { return entry.second->met != generation_; });
  std::unordered_set<const ScriptInfo*> kept;
  for (const auto& [identity, function] : by_identity_) kept.insert(function->script);
  scripts_.Keep(kept);
  ++generation_;
  limit_ = std::max(kMaxFunctions, by_identity_.size() + kMaxNew);
}

FunctionTable::NameAndStart FunctionTable::Describe(uint64_t shared) const {
  const Layout& l = heap_.layout();
  NameAndStart result;
  std::optional<uint64_t> word = heap_.Word(shared, l.sfi_name_or_scope_info);
  if (!word) return result;
  if (!heap_.Is(*word, l.type_scope_info)) {  // not compiled yet, or a builtin: the name itself
    result.name = heap_.String(*word).value_or("");
    return result;
  }
  uint64_t scope = *word;
  auto field = [&](int index) { return heap_.Word(scope, 8 + 8 * index); };
  auto smi = [&](int index) -> std::optional<int32_t> {
    std::optional<uint64_t> value = field(index);
    if (!value || !IsSmi(*value)) return std::nullopt;
    return SmiValue(*value);
  };
  std::optional<uint64_t> raw_flags = field(0);
  std::optional<int32_t> locals = smi(2);
  if (!raw_flags || !locals || *locals < 0) return result;
  uint32_t flags = static_cast<uint32_t>(l.scope_info_flags_are_smi ? *raw_flags >> Layout::kSmiShift
                                                                    : *raw_flags);
  int kind = static_cast<int>(flags >> 17) & kKindMask;
  int at = l.scope_info_first_var;
  if (l.scope_info_position_leads) result.start = smi(3).value_or(-1);
  // module_variable_count
  if (l.scope_info_module_count_leads && (kind == kModule || kind == kAsyncModule)) ++at;
  // Many names go to one hash table, their infos stay.
  at += *locals < Layout::kMaxInlinedScopeNames ? 2 * *locals : 1 + *locals;
  if (flags & kHasSavedClassVariable) ++at;
  if ((flags >> kFunctionVariableShift) & 3) {
    std::optional<uint64_t> name = field(at);
    if (name && IsStrongPointer(*name)) result.name = heap_.String(*name).value_or("");
    at += 2;
  }
  if (flags & kHasInferredName) {
    std::optional<uint64_t> name = field(at);
    if (result.name.empty() && name && IsStrongPointer(*name)) {
      result.name = heap_.String(*name).value_or("");
    }
    ++at;
  }
  if (!l.scope_info_position_leads) result.start = smi(at).value_or(-1);
  return result;
}

LocationId FunctionTable::Located(const FunctionInfo& info, int32_t offset) const {
  const auto known = by_offset_.find(OffsetKey(info, offset));
  return known != by_offset_.end() ? known->second : kNoId;
}

LocationId FunctionTable::Locate(const FunctionInfo& info, uint64_t shared, int32_t offset) {
  if (offset >= 0 && info.script != nullptr) {
    if (const LocationId known = Located(info, offset); known != kNoId) return known;
    std::optional<uint64_t> script = heap_.Word(shared, heap_.layout().sfi_script);
    if (script) {
      auto at = scripts_.Locate(*script, *info.script, static_cast<uint32_t>(offset));
      if (by_offset_.size() >= kMaxPlaces) by_offset_.clear();
      if (at) return by_offset_[OffsetKey(info, offset)] = code_.JsLocation(info.id, at->line, at->column);
    }
  }
  return Locate(info);
}

void FunctionTable::Rename(FunctionInfo& info, const std::string& name) {
  info.class_known = true;
  code_.RenameFunction(info.id, code_.strings().Intern(name));
}

bool FunctionTable::CanLearn(const FunctionInfo& info, bool constructing) const {
  // A receiver that tells nothing costs many reads: do not ask at every sample.
  constexpr int kMaxAttempts = 3;
  if (info.class_known) return false;
  return constructing ? info.own_name != kAnonymous : info.is_method && info.class_attempts < kMaxAttempts;
}

void FunctionTable::LearnFromCall(FunctionInfo& info, uint64_t function, uint64_t receiver,
                                  bool constructing) {
  if (!CanLearn(info, constructing)) return;
  if (constructing) {
    Rename(info, "new " + info.own_name);
    return;
  }
  if (function & kLastingBit) return;  // its receiver may have moved
  ++info.class_attempts;
  std::string name = NameOfClass(receiver, function, info.is_accessor);
  if (!name.empty()) Rename(info, name + "." + info.own_name);
}

// The declaring class: the constructor of the first object on the receiver's
// prototype chain that holds the function. A stack trace names the receiver's
// class instead, which would give one inherited method as many names as there
// are subclasses.
std::string FunctionTable::NameOfClass(uint64_t receiver, uint64_t function, bool accessor) {
  const Layout& l = heap_.layout();
  if (!heap_.IsJsReceiver(receiver)) return {};
  if (heap_.IsJsFunction(receiver)) {  // a static method
    std::optional<uint64_t> shared = SharedOf(receiver);
    return shared ? Describe(*shared).name : std::string();
  }
  std::optional<uint64_t> map = heap_.Word(receiver, 0);
  std::string own = map ? NameOfConstructor(*map) : std::string();
  constexpr int kMaxChain = 16;
  uint64_t object = receiver;
  for (int depth = 0; depth < kMaxChain; ++depth) {
    if (Holds(object, function, accessor)) {
      return depth == 0 ? own : NameOfPrototype(object);
    }
    std::optional<uint64_t> next_map = heap_.Word(object, 0);
    std::optional<uint64_t> next = next_map ? heap_.Word(*next_map, l.map_prototype) : std::nullopt;
    if (!next || !heap_.IsJsReceiver(*next)) break;
    object = *next;
  }
  return own;
}

// Maps that came by transitions point back along them; the first one points
// to the constructor.
std::string FunctionTable::NameOfConstructor(uint64_t map) {
  const Layout& l = heap_.layout();
  constexpr int kMaxTransitions = 2048;
  for (int i = 0; i < kMaxTransitions; ++i) {
    std::optional<uint64_t> word = heap_.Word(map, l.map_constructor);
    if (!word) return {};
    if (heap_.Is(*word, l.type_map)) {
      map = *word;
      continue;
    }
    std::optional<uint64_t> shared = SharedOf(*word);
    return shared ? Describe(*shared).name : std::string();
  }
  return {};
}

// The words in which an object keeps its own properties: fields, then property
// array or dictionary, then (`descriptors`) what its map describes.
std::vector<uint64_t> FunctionTable::PropertyWords(uint64_t object, bool descriptors) const {
  const Layout& l = heap_.layout();
  constexpr int kMaxWords = 1024;
  std::vector<uint64_t> words;
  auto append = [&](uint64_t base, int offset, int count) {
    count = std::min(count, kMaxWords);
    if (count <= 0) return;
    size_t before = words.size();
    words.resize(before + static_cast<size_t>(count));
    if (!heap_.Bytes(base, offset, &words[before], 8 * static_cast<size_t>(count))) words.resize(before);
  };
  std::optional<uint64_t> map = heap_.Word(object, 0);
  if (!map) return words;
  uint8_t size_words = 0;
  heap_.Bytes(*map, l.map_instance_size_words, &size_words, 1);
  append(object, l.js_object_fields, size_words - l.js_object_fields / 8);
  std::optional<uint64_t> properties = heap_.Word(object, l.js_receiver_properties);
  if (properties && IsStrongPointer(*properties)) {
    append(*properties, l.array_data, heap_.Smi(*properties, l.array_length).value_or(0));
  }
  constexpr int kDescriptors = 40;  // Map::instance_descriptors
  std::optional<uint64_t> array = descriptors ? heap_.Word(*map, kDescriptors) : std::nullopt;
  if (array && IsStrongPointer(*array)) {
    int16_t count = 0;
    heap_.Bytes(*array, 8, &count, sizeof count);
    constexpr int kFirstDescriptor = 24, kDescriptorWords = 3;
    append(*array, kFirstDescriptor, kDescriptorWords * count);
  }
  return words;
}

// Whether one of the object's own properties is the function, or an accessor
// made of it.
bool FunctionTable::Holds(uint64_t object, uint64_t function, bool accessor) const {
  const Layout& l = heap_.layout();
  std::vector<uint64_t> words = PropertyWords(object, accessor);
  if (std::find(words.begin(), words.end(), function) != words.end()) return true;
  return accessor && std::any_of(words.begin(), words.end(), [&](uint64_t word) {
           return IsStrongPointer(word) && heap_.Is(word, l.type_accessor_pair) &&
                  (heap_.Word(word, l.accessor_pair_getter) == function ||
                   heap_.Word(word, l.accessor_pair_setter) == function);
         });
}

// The class whose prototype this is: the function among its properties (its
// "constructor") whose prototype it is in turn.
std::string FunctionTable::NameOfPrototype(uint64_t prototype) {
  const Layout& l = heap_.layout();
  auto name_if_constructor = [&](uint64_t word) -> std::string {
    if (!IsStrongPointer(word) || !heap_.IsJsFunction(word)) return {};
    std::optional<uint64_t> initial = heap_.Word(word, l.js_function_initial_map);
    if (!initial) return {};
    bool owns = *initial == prototype ||
                (heap_.Is(*initial, l.type_map) && heap_.Word(*initial, l.map_prototype) == prototype);
    std::optional<uint64_t> shared = owns ? SharedOf(word) : std::nullopt;
    return shared ? Describe(*shared).name : std::string();
  };
  for (uint64_t word : PropertyWords(prototype, false)) {
    std::string name = name_if_constructor(word);
    if (!name.empty()) return name;
  }
  return {};
}

}  // namespace hotspan
