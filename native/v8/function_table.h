#pragma once

#include <cstdint>
#include <memory>
#include <optional>
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
  // The SharedFunctionInfo of a JSFunction.
  std::optional<uint64_t> SharedOf(uint64_t function);

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

  // JSFunctions may have moved or died: after every collection.
  void ForgetFunctions() { shared_of_.clear(); }
  // SharedFunctionInfos may have: after a mark-compact.
  void ForgetAddresses() {
    ForgetFunctions();
    by_address_.clear();
  }

 private:
  struct NameAndStart {
    std::string name;
    int32_t start = -1;  // character offset
  };
  bool IsShared(uint64_t word) const;
  NameAndStart Describe(uint64_t shared) const;
  std::string NameOfClass(uint64_t receiver, uint64_t function, bool accessor);
  std::string NameOfConstructor(uint64_t map);
  bool Holds(uint64_t object, uint64_t function, bool accessor) const;
  std::vector<uint64_t> PropertyWords(uint64_t object, bool descriptors) const;
  std::string NameOfPrototype(uint64_t prototype);
  void Rename(FunctionInfo& info, const std::string& name);

  const HeapReader& heap_;
  CodeTable& code_;
  ScriptTable scripts_;
  std::unordered_map<uint64_t, std::optional<uint64_t>> shared_of_;  // JSFunction to its info
  std::unordered_map<uint64_t, FunctionInfo*> by_address_;
  std::unordered_map<uint64_t, std::unique_ptr<FunctionInfo>> by_identity_;
  static uint64_t OffsetKey(const FunctionInfo& info, int32_t offset) {
    return uint64_t{info.id} << 32 | static_cast<uint32_t>(offset);
  }
  std::unordered_map<uint64_t, LocationId> by_offset_;
};

}  // namespace hotspan
