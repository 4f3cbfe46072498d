#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hotspan {

// Where a native address lies and what its symbol is.
struct NativeSymbol {
  std::string name;      // mangled; empty: unknown
  std::string file;      // mapped object; empty: no file
  std::string build_id;
  uint64_t mapping_start = 0, mapping_limit = 0, mapping_offset = 0;
};

// Looks up addresses of this process, all at once: one pass over the symbols of
// each object that holds any of them, and no symbol table kept. Tens of ms for
// the node binary, so never on the JS thread.
std::vector<NativeSymbol> SymbolizeNative(std::span<const uint64_t> addresses);

// "v8::internal::JsonStringify(…)" without parameters; the name as it is when
// it is not mangled.
std::string DemangleFunction(std::string_view mangled);

}  // namespace hotspan
