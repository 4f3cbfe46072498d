#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "../core/code_table.h"
#include "../platform/address_range.h"
#include "../platform/machine.h"
#include "heap_reader.h"
#include "wasm_names.h"
#include "wasm_ranges.h"

namespace hotspan {

// Turns an address in WebAssembly code, of any tier, into locations: the function, after
// the functions that were inlined at that address. V8 keeps such code outside of its
// heap, and a list of it in each module. The locator reads that list by guarded reads.
// Other threads free code and modules, so each use compares what was remembered with
// V8's objects. Safepoint only; allocates nothing in V8's heap.
class WasmLocator {
 public:
  WasmLocator(const Layout& layout, const HeapReader& heap, CodeTable& code, WasmRanges& ranges)
      : layout_(layout), heap_(heap), code_table_(code), ranges_(ranges) {}

  // Appends to `out`, leaf first. `instance`: the word that a frame of WebAssembly
  // keeps for its instance, 0 when there is no such frame. False: not WebAssembly's, or
  // not found; nothing was appended.
  bool Append(uint64_t pc, uint64_t instance, std::vector<LocationId>* out);
  // How the caller of an interrupted `pc` is found, in a module met before.
  machine::LeafFrame LeafFrameAt(uint64_t pc);

  size_t bytes_held() const;

 private:
  // V8's WasmCode: one function, compiled by one tier.
  struct Code {
    uint64_t address = 0;  // of the WasmCode
    uint64_t start = 0;
    uint32_t size = 0;
    int32_t index = -1;  // of the function
    int kind = 0;
    uint64_t metadata = 0;
    uint32_t protected_size = 0, relocation_size = 0, positions_size = 0, inlining_size = 0;

    bool Contains(uint64_t pc) const { return pc - start < size; }
    bool operator==(const Code&) const = default;
  };
  struct Module {
    uint64_t native_module = 0;  // V8's NativeModule
    uint64_t bytes = 0, size = 0;  // of the module that was compiled
    StringId file = 0;
    WasmNames names;
    std::vector<AddressRange> spaces;
    std::unordered_map<int32_t, LocationId> locations;  // by function
    // Of the code that V8 has not put into its tree yet: the first `listed` of the
    // vector at `list`, by start.
    uint64_t list = 0;
    size_t listed = 0;
    uint64_t last_listed = 0;  // V8 may have emptied the vector and filled it again
    std::map<uint64_t, uint64_t> unsorted;
  };
  struct Known {
    Code code;
    std::vector<LocationId> locations;
  };

  Module* ModuleAt(uint64_t pc, uint64_t instance);
  bool IsLive(const Module& module) const;
  std::optional<Module> ReadModule(uint64_t instance) const;
  std::vector<AddressRange> ReadSpaces(uint64_t native_module) const;
  void Drop(size_t index);
  void PublishRanges();

  std::optional<Code> FindCode(Module& module, uint64_t pc) const;
  std::optional<Code> FindInTree(const Module& module, uint64_t pc) const;
  std::optional<Code> FindUnsorted(Module& module, uint64_t pc) const;
  std::optional<Code> ReadCode(uint64_t address, uint64_t native_module) const;
  LocationId Locate(Module& module, int32_t function);
  void AppendFunctions(Module& module, const Code& code, uint64_t pc, std::vector<LocationId>* out);
  uint64_t Follow(uint64_t object, const std::array<int, 4>& fields) const;
  static WasmNames::Read ReaderOf(const Module& module);

  static constexpr size_t kMaxModules = 64;
  static constexpr size_t kMaxKnown = 8192;

  const Layout& layout_;
  const HeapReader& heap_;
  CodeTable& code_table_;
  WasmRanges& ranges_;
  std::vector<Module> modules_;
  std::unordered_map<uint64_t, Known> by_pc_;
};

}  // namespace hotspan
