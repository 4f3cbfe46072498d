#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "../core/code_table.h"
#include "heap_reader.h"
#include "script_table.h"

namespace hotspan {

// A JS function that was sampled.
struct FunctionInfo {
  FunctionId id = kNoId;
  ScriptInfo* script = nullptr;  // null: no source (a builtin)
  int32_t literal_id = -1;
  bool is_method = false;    // shown as Class.method
  bool is_accessor = false;
  bool class_known = false;  // …once a receiver told the class
  int class_attempts = 0;    // receivers that did not tell
  uint32_t met = 0;          // the last generation of the table in which it was asked for
  std::string own_name;      // without the class
};

// Knows functions by (script id, function literal id): integers that no garbage
// collection changes. Addresses are only cached, between two mark-compacts.
// Safepoint only.
class FunctionTable {
 public:
  FunctionTable(const HeapReader& heap, CodeTable& code)
      : heap_(heap), code_(code), scripts_(heap, code) {}

  // The function of a SharedFunctionInfo; null when the pointer is none.
  FunctionInfo* FromShared(uint64_t shared);
  // The function of a JSFunction; null when the pointer is none.
  FunctionInfo* FromFunction(uint64_t function);
  // The SharedFunctionInfo of a JSFunction, or of what LastingWord() made of it.
  std::optional<uint64_t> SharedOf(uint64_t function);

  // `young`: an object made just now. Where V8's word for that is not found on it,
  // all objects count as young.
  void LearnAges(uint64_t young);
  // What stands for a word that may be a JSFunction once a scavenge has moved it:
  // good for SharedOf() until the next mark-compact.
  uint64_t LastingWord(uint64_t function);
  // Whether it is a function whose calls tell more than that: see CanLearn().
  bool HasMoreToTell(uint64_t function);
  // Looks at these, as far as they are not known, by few system calls.
  void ReadAhead(std::span<const uint64_t> functions);

  // What JS calls a function without a script: "lastIndexOf".
  std::string NameOfBuiltin(uint64_t shared) const { return Describe(shared).name; }

  // What a call's receiver tells about the name: the class that declares the
  // method. `constructing`: the call came from `new`.
  void LearnFromCall(FunctionInfo& info, uint64_t function, uint64_t receiver, bool constructing);
  // Whether it could tell anything: to be asked before what it needs is looked for.
  bool CanLearn(const FunctionInfo& info, bool constructing) const;

  // The same location as the next finds, when it was found before; else kNoId.
  LocationId Located(const FunctionInfo& info, int32_t offset) const;
  // A location in the function; `offset` as in V8's position tables.
  LocationId Locate(const FunctionInfo& info, uint64_t shared, int32_t offset);
  // Where the function starts: for code that V8 gives no position, such as a
  // prologue.
  LocationId Locate(const FunctionInfo& info) {
    const Function& function = code_.function(info.id);
    return code_.JsLocation(info.id, function.start_line, function.start_column);
  }

  // More functions are known than a program runs at a time: in one that compiles code for
  // ever, most of them are gone.
  bool IsFull() const { return by_identity_.size() > limit_; }
  // Forgets the functions, and their scripts, that were not asked for since the last call
  // of this: their FunctionInfos become invalid. A function that is met again has the
  // same id. REQUIRES: nobody keeps a FunctionInfo, so that all are asked for again.
  void ForgetUnmet();
  size_t bytes_held() const {
    constexpr size_t kNode = 64;
    return by_identity_.size() * (sizeof(FunctionInfo) + kNode) + by_offset_.size() * kNode + scripts_.bytes_held();
  }

  // JSFunctions may have moved or died: after every collection.
  void ForgetFunctions() { ++functions_epoch_; }
  // SharedFunctionInfos may have: after a mark-compact.
  void ForgetAddresses() {
    ForgetFunctions();
    ++old_epoch_;
    by_address_.clear();
  }

 private:
  struct NameAndStart {
    std::string name;
    int32_t start = -1;  // character offset
  };
  bool IsShared(uint64_t word) const;
  // The first words of a JSFunction, from its map to its SharedFunctionInfo; as many of
  // the memory chunk that it lies in.
  using Head = std::array<uint64_t, Layout::kMaxFunctionHeadWords>;
  void Remember(uint64_t function, const Head& head, const Head* chunk);
  static uint64_t ChunkOf(uint64_t tagged) { return tagged & ~(Layout::kChunkBytes - 1); }
  bool IsYoung(const Head& chunk) const;
  NameAndStart Describe(uint64_t shared) const;
  std::string NameOfClass(uint64_t receiver, uint64_t function, bool accessor);
  std::string NameOfConstructor(uint64_t map);
  bool Holds(uint64_t object, uint64_t function, bool accessor) const;
  std::vector<uint64_t> PropertyWords(uint64_t object, bool descriptors) const;
  std::string NameOfPrototype(uint64_t prototype);
  void Rename(FunctionInfo& info, const std::string& name);

  // kMaxNew: functions that are met first between two calls of ForgetUnmet(), at least.
  static constexpr size_t kMaxFunctions = 8192, kMaxNew = 1024, kMaxPlaces = 32'768;

  const HeapReader& heap_;
  CodeTable& code_;
  ScriptTable scripts_;

  // JSFunctions that were looked at since the last collection, or since the last
  // mark-compact when V8 keeps them among its old objects.
  static constexpr uint64_t kLastingBit = uint64_t{1} << 63;
  static constexpr size_t kKnownFunctions = 256;
  struct KnownFunction {
    uint64_t function = 0;
    uint64_t epoch = 0;
    uint64_t shared = 0;  // 0: it is no JSFunction
  };
  KnownFunction& SlotOf(uint64_t function) {
    static_assert(kKnownFunctions == 256, "the hash below keeps 8 bits");
    return known_functions_[function * 0x9e3779b97f4a7c15u >> 56];
  }
  bool IsKnown(const KnownFunction& slot, uint64_t function) const {
    return slot.function == function && (slot.epoch == functions_epoch_ || slot.epoch == old_epoch_);
  }
  std::vector<KnownFunction> known_functions_ = std::vector<KnownFunction>(kKnownFunctions);
  bool knows_ages_ = false;
  uint64_t functions_epoch_ = 1, old_epoch_ = uint64_t{1} << 63;  // never equal
  std::vector<uint64_t> unknown_;  // of ReadAhead()
  std::unordered_map<uint64_t, FunctionInfo*> by_address_;
  std::unordered_map<uint64_t, std::unique_ptr<FunctionInfo>> by_identity_;
  size_t limit_ = kMaxFunctions;  // of by_identity_
  uint32_t generation_ = 0;
  static uint64_t OffsetKey(const FunctionInfo& info, int32_t offset) {
    return uint64_t{info.id} << 32 | static_cast<uint32_t>(offset);
  }
  std::unordered_map<uint64_t, LocationId> by_offset_;
};

}  // namespace hotspan
