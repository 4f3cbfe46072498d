#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "stable_vector.h"
#include "string_table.h"

namespace hotspan {

using ScriptId = uint32_t;
using FunctionId = uint32_t;
using LocationId = uint32_t;
inline constexpr uint32_t kNoId = UINT32_MAX;

// A source text that was run: what all isolates loaded from one file, with one
// source map, is one script.
struct Script {
  StringId file = 0;           // URL or path as V8 has it
  std::string source_map_url;  // of its //# comment; empty: none
};

// A JS function as the engine knows it, before source maps.
struct Function {
  StringId name = 0;
  StringId file = 0;         // the script's; 0 = unknown
  uint32_t start_line = 0;   // 1-based, 0 = unknown
  uint32_t start_column = 0; // 1-based, 0 = unknown: where V8 says it starts
  ScriptId script = kNoId;
  int32_t literal_id = -1;   // V8's number of the function in its script
};

enum class LocationKind : uint8_t {
  kJs,         // function, line, column
  kNative,     // address; named when the profile is encoded
  kSynthetic,  // a name that stands for no code: "(garbage collector)"
};

// One frame of a stack: what a trie node names. Inlined functions are frames
// of their own.
struct Location {
  LocationKind kind = LocationKind::kSynthetic;
  FunctionId function = kNoId;  // kJs, kSynthetic
  uint32_t line = 0;            // 1-based, 0 = unknown
  uint32_t column = 0;          // 1-based, 0 = unknown
  uint64_t address = 0;         // kNative: runtime address
};

// What a source map says about a location, once it was asked.
struct MappedLocation {
  StringId function_name = 0;  // 0 = keep the generated name
  StringId file = 0;
  uint32_t line = 0;           // 1-based
  uint32_t column = 0;         // 1-based
  uint32_t function_start_line = 0;  // 1-based, 0 = unknown
  bool operator==(const MappedLocation&) const = default;
};

// The functions and locations of the process, named once and then referred to
// by small integers: the same ones in every isolate. Any thread may add and
// read; readers take no lock. Outlives every StackProfile that refers to it.
class CodeTable {
 public:
  CodeTable() : no_function_{.name = strings_.Intern("(function table full)")} {}

  // These return the id of an equal entry or of a new one; kNoId when the table
  // is full. Every function below that takes an id takes kNoId as well. Functions are equal when
  // all of their fields are.
  ScriptId AddScript(Script script);
  FunctionId AddFunction(const Function& function);

  LocationId JsLocation(FunctionId function, uint32_t line, uint32_t column);
  LocationId NativeLocation(uint64_t address);
  LocationId SyntheticLocation(std::string_view name);

  // Later and better knowledge of a name (a class seen after the method).
  // Does nothing for an id that is not in the table.
  void RenameFunction(FunctionId function, StringId name);
  // From now on the encoder emits `mapped` for the location. May be called
  // again. Does nothing when the table of mapped locations is full, or for an id
  // that is not in the table.
  void SetMapped(LocationId location, const MappedLocation& mapped);

  // The URL of the script's source map; null: it has none, or the table forgot the
  // text, which it does with the oldest when all take more than kMaxMapBytes (inline
  // maps are of megabytes). Adding the script once more brings it back.
  std::shared_ptr<const std::string> SourceMapUrl(ScriptId id) const;
  static constexpr size_t kMaxMapBytes = 32 << 20;

  // An id that is not in the table stands for what found no room there: a script
  // and a location without a name, a function named "(function table full)".
  StringId script_file(ScriptId id) const { return id < scripts_.size() ? scripts_[id].file : 0; }
  const Function& function(FunctionId id) const {
    return id < functions_.size() ? functions_[id].function : no_function_;
  }
  StringId function_name(FunctionId id) const {
    return id < functions_.size() ? functions_[id].name.load(std::memory_order_acquire) : no_function_.name;
  }
  const Location& location(LocationId id) const {
    return id < locations_.size() ? locations_[id].location : no_location_;
  }
  // Null when no source map has been applied. Any thread.
  const MappedLocation* mapped(LocationId id) const;

  // What is not known yet finds no room.
  bool IsFull() const {
    return functions_.size() == functions_.kCapacity || locations_.size() == locations_.kCapacity ||
           scripts_.size() == scripts_.kCapacity;
  }
  size_t script_count() const { return scripts_.size(); }
  size_t function_count() const { return functions_.size(); }
  size_t location_count() const { return locations_.size(); }
  size_t bytes_held() const;

  StringTable& strings() { return strings_; }
  const StringTable& strings() const { return strings_; }

 private:
  struct ScriptSlot {
    StringId file = 0;
    uint64_t url_hash = 0;
    size_t url_size = 0;
  };
  struct FunctionSlot {
    FunctionSlot() = default;
    explicit FunctionSlot(const Function& f) : function(f), name(f.name) {}
    Function function;
    std::atomic<StringId> name{0};  // starts as function.name
  };
  struct LocationSlot {
    LocationSlot() = default;
    explicit LocationSlot(const Location& l) : location(l) {}
    Location location;
    std::atomic<uint32_t> mapped{kNoId};  // index into mapped_
  };
  struct FunctionKey {
    ScriptId script;
    int32_t literal_id;
    StringId name, file;
    uint32_t line, column;
    bool operator==(const FunctionKey&) const = default;
  };
  struct JsKey {
    FunctionId function;
    uint32_t line, column;
    bool operator==(const JsKey&) const = default;
  };
  struct Hash {
    size_t operator()(const FunctionKey& key) const;
    size_t operator()(const JsKey& key) const;
  };

  void KeepUrl_locked(ScriptId id, std::string url);
  FunctionId AddFunction_locked(const Function& function);
  template <typename Map>
  LocationId FindOrAdd_locked(Map& map, const typename Map::key_type& key, const Location& location);

  // Half a million of each, about 20 MB of locations: a process that makes
  // new functions for ever must not grow for ever.
  static constexpr size_t kChunk = 1024;
  static constexpr size_t kMaxChunks = 512;

  // Guards whatever adds: the maps, and the writers' side of the vectors. A leaf
  // lock but for the strings' own.
  mutable std::mutex mutex_;
  StringTable strings_;
  const Function no_function_;
  const Location no_location_;
  StableVector<ScriptSlot, kChunk, kMaxChunks> scripts_;
  StableVector<FunctionSlot, kChunk, kMaxChunks> functions_;
  StableVector<LocationSlot, kChunk, kMaxChunks> locations_;
  StableVector<MappedLocation, kChunk, kMaxChunks> mapped_;
  // By hash of file and URL.
  std::unordered_multimap<uint64_t, ScriptId> script_ids_;
  std::unordered_map<ScriptId, std::shared_ptr<const std::string>> urls_;
  std::deque<ScriptId> urls_by_age_;  // of urls_, oldest first
  size_t url_bytes_ = 0;
  std::unordered_map<FunctionKey, FunctionId, Hash> function_ids_;
  std::unordered_map<JsKey, LocationId, Hash> js_locations_;
  std::unordered_map<uint64_t, LocationId> native_locations_;
  std::unordered_map<StringId, LocationId> synthetic_locations_;
};

}  // namespace hotspan
