#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "position_table.h"

namespace hotspan {

// V8's embedded builtins: generated code that is part of the node binary. Read
// once from the binary's symbol table, then constant.
class Builtins {
 public:
  struct Builtin {
    uint64_t start;  // runtime address in the embedded blob
    uint32_t size;
    uint32_t name;   // offset in the arena of names, "ArrayMap"
    // Runs in frames of the interpreter: its trampolines and bytecode handlers.
    bool interprets;
  };

  // Reads the symbols of the binary in whose memory [start, limit) the embedded
  // blob lies, on a thread of its own: some ms, more when the file is not in
  // memory. REQUIRES: called once; the object is never destroyed.
  void LoadInBackground(uint64_t start, uint64_t limit);
  // Until then all that follows knows of the builtins is where they lie.
  bool loaded() const { return loaded_.load(std::memory_order_acquire); }
  // The same after at most `patience_ms`.
  bool WaitUntilLoaded(int patience_ms) const;

  // The builtin that holds the address in the embedded blob, or null. Not loaded: one
  // that IsUnread().
  const Builtin* Find(uint64_t address) const;
  static bool IsUnread(const Builtin& builtin) { return builtin.size == 0; }
  // REQUIRES: not IsUnread(builtin).
  std::string_view name(const Builtin& builtin) const { return names_.data() + builtin.name; }

  // Whether it is a step of a call from JS into WebAssembly.
  bool EntersWasm(const Builtin& builtin) const {
    return !IsUnread(builtin) && (name(builtin).starts_with("JSToWasm") || name(builtin).starts_with("WasmPromising"));
  }

  // V8's table of bytecode lengths; count 0 when it was not found.
  BytecodeSizes bytecode_sizes() const { return loaded() ? bytecode_sizes_ : BytecodeSizes{}; }

  // The table of virtual functions of V8's heap sampler's observer; 0 when it
  // was not found. REQUIRES, here and below: loaded().
  uint64_t heap_observer_table() const { return heap_observer_table_; }
  // v8::internal::Heap::InvokeNearHeapLimitCallback; 0 when it was not found.
  uint64_t near_heap_limit_function() const { return near_heap_limit_function_; }

 private:
  void Load(uint64_t start, uint64_t limit);

  std::atomic<bool> loaded_{false};  // release: publishes what follows
  std::vector<Builtin> builtins_;  // by start
  std::vector<char> names_;
  BytecodeSizes bytecode_sizes_;
  uint64_t heap_observer_table_ = 0;
  uint64_t near_heap_limit_function_ = 0;
};

// What a builtin is called in JS: "ArrayPrototypeSort" -> "Array.prototype.sort",
// "JsonParse" -> "JSON.parse". Names that follow no such rule stay as they are.
std::string JsNameOfBuiltin(std::string_view builtin);
// The same; empty when that is no function of JS but a step of V8's own.
std::string JsFunctionOfBuiltin(std::string_view builtin);
// What the symbols of builtins begin with.
inline constexpr std::string_view kBuiltinSymbolPrefix = "Builtins_";

}  // namespace hotspan
