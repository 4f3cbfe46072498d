#include "native_names.h"

#include <string_view>

#include "../platform/native_symbolizer.h"
#include "builtins.h"

namespace hotspan {
namespace {

// v8::internal::Builtin_JsonParse and its inner half, Builtin_Impl_JsonParse; and
// Builtins_ArrayMap, sampled before Builtins was read.
std::string NameOf(std::string_view mangled) {
  if (mangled.starts_with(kBuiltinSymbolPrefix)) {
    return JsFunctionOfBuiltin(mangled.substr(kBuiltinSymbolPrefix.size()));
  }
  std::string name = DemangleFunction(mangled);
  std::string_view rest = name;
  for (std::string_view prefix : {"v8::internal::Builtin_Impl_", "v8::internal::Builtin_"}) {
    if (rest.starts_with(prefix)) return JsNameOfBuiltin(rest.substr(prefix.size()));
  }
  return name;
}

// The builtins by which JS calls into addons and Node's own C++, and V8's steps of
// its own: no function that anybody wrote.
bool IsPlumbing(std::string_view mangled, std::string_view name) {
  return mangled.find("Builtin_HandleApi") != std::string_view::npos ||
         (mangled.starts_with(kBuiltinSymbolPrefix) && name.empty());
}

}  // namespace

std::vector<NativeFrame> NameNativeFrames(std::span<const uint64_t> addresses) {
  std::vector<NativeSymbol> symbols = SymbolizeNative(addresses);
  std::vector<NativeFrame> frames(symbols.size());
  for (size_t i = 0; i < symbols.size(); ++i) {
    NativeSymbol& symbol = symbols[i];
    if (!symbol.name.empty()) frames[i].function = NameOf(symbol.name);
    frames[i].drop = IsPlumbing(symbol.name, frames[i].function);
    frames[i].file = std::move(symbol.file);
    frames[i].build_id = std::move(symbol.build_id);
    frames[i].mapping_start = symbol.mapping_start;
    frames[i].mapping_limit = symbol.mapping_limit;
    frames[i].mapping_offset = symbol.mapping_offset;
  }
  return frames;
}

}  // namespace hotspan
