#pragma once

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
  // blob lies: some ms, so not on a JS thread. To be called before anything
  // below, once.
  void Load(uint64_t start, uint64_t limit);
  bool loaded() const { return !builtins_.empty(); }

  // The builtin that holds the address in the embedded blob, or null.
  const Builtin* Find(uint64_t address) const;
  std::string_view name(const Builtin& builtin) const { return names_.data() + builtin.name; }

  // V8's table of bytecode lengths; count 0 when it was not found.
  const BytecodeSizes& bytecode_sizes() const { return bytecode_sizes_; }

 private:
  std::vector<Builtin> builtins_;  // by start
  std::vector<char> names_;
  BytecodeSizes bytecode_sizes_;
};

// What a builtin is called in JS: "ArrayPrototypeSort" -> "Array.prototype.sort",
// "JsonParse" -> "JSON.parse". Names that follow no such rule stay as they are.
std::string JsNameOfBuiltin(std::string_view builtin);

}  // namespace hotspan
