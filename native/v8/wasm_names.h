#pragma once

// Reads the names in a WebAssembly module (its custom section "name"). Free of V8's
// headers, so that it can be fuzzed: any bytes give names or none.
// Source: the WebAssembly core specification, binary format and appendix "Name Section".

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace hotspan {

class WasmNames {
 public:
  // Copies `size` bytes of the module from `offset` on; false when they cannot be read.
  using Read = std::function<bool(uint64_t offset, uint8_t* out, size_t size)>;

  WasmNames() = default;
  // Looks for the section; `size`: of the module in bytes.
  WasmNames(uint64_t size, const Read& read);

  // Empty: it has none.
  const std::string& module_name() const { return module_name_; }
  std::string FunctionName(uint32_t index, const Read& read) const;

  size_t bytes_held() const { return entries_.capacity() * sizeof(Entry) + module_name_.capacity(); }

 private:
  // Where the names from a function on stand, for each kStride-th name.
  struct Entry {
    uint32_t index;
    uint32_t offset;
  };
  static constexpr size_t kStride = 64;

  std::string module_name_;
  std::vector<Entry> entries_;
  uint64_t names_end_ = 0;
};

}  // namespace hotspan
