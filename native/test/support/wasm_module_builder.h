#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../../v8/wasm_names.h"

namespace hotspan::test {

using WasmBytes = std::vector<uint8_t>;

inline void AppendLeb(WasmBytes& out, uint32_t value) {
  do {
    out.push_back(static_cast<uint8_t>((value & 0x7f) | (value > 0x7f ? 0x80 : 0)));
    value >>= 7;
  } while (value != 0);
}
inline void AppendText(WasmBytes& out, const std::string& text) {
  AppendLeb(out, static_cast<uint32_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}
inline void AppendSection(WasmBytes& out, uint8_t id, const WasmBytes& content) {
  out.push_back(id);
  AppendLeb(out, static_cast<uint32_t>(content.size()));
  out.insert(out.end(), content.begin(), content.end());
}

// Numbers and names, ascending.
using WasmFunctionNames = std::vector<std::pair<uint32_t, std::string>>;

inline WasmBytes EncodeNames(const std::string& module, const WasmFunctionNames& functions) {
  WasmBytes name_of_module, names, section, out{0, 'a', 's', 'm', 1, 0, 0, 0};
  AppendText(name_of_module, module);
  AppendLeb(names, static_cast<uint32_t>(functions.size()));
  for (const auto& [index, name] : functions) {
    AppendLeb(names, index);
    AppendText(names, name);
  }
  AppendText(section, "name");
  AppendSection(section, 0, name_of_module);
  AppendSection(section, 1, names);
  AppendSection(out, 1, {0});
  AppendSection(out, 0, section);
  return out;
}

// Reads from the bytes, and refuses what is not among them.
inline WasmNames::Read ReadFrom(const WasmBytes& bytes) {
  return [&bytes](uint64_t offset, uint8_t* out, size_t size) {
    if (offset > bytes.size() || size > bytes.size() - offset) return false;
    std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(offset), size, out);
    return true;
  };
}

}  // namespace hotspan::test
