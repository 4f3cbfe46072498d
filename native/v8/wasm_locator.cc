#include "wasm_locator.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "../platform/guarded_read.h"
#include "position_table.h"

namespace hotspan {
namespace {

template <typename T>
T At(std::span<const uint8_t> bytes, int offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// A std::vector: where its elements begin and end.
struct VectorWords {
  uint64_t begin, end;
};

template <typename T>
size_t CountOf(const VectorWords& words, size_t max) {
  if (words.end < words.begin || (words.end - words.begin) % sizeof(T) != 0) return 0;
  return std::min<size_t>((words.end - words.begin) / sizeof(T), max);
}

std::string NumberedName(int32_t function) { return "wasm-function[" + std::to_string(function) + "]"; }

}  // namespace

WasmNames::Read WasmLocator::ReaderOf(const Module& module) {
  return [start = module.bytes, size = module.size](uint64_t offset, uint8_t* out, size_t count) {
    return offset <= size && count <= size - offset && GuardedRead(start + offset, out, count);
  };
}

bool WasmLocator::Append(uint64_t pc, uint64_t instance, std::vector<LocationId>* out) {
  if (const auto known = by_pc_.find(pc); known != by_pc_.end()) {
    const Code& code = known->second.code;
    uint64_t native_module = 0;
    if (GuardedRead(code.address, &native_module) && ReadCode(code.address, native_module) == code) {
      out->insert(out->end(), known->second.locations.begin(), known->second.locations.end());
      return true;
    }
    by_pc_.erase(known);
  }
  Module* module = ModuleAt(pc, instance);
  if (module == nullptr) return false;
  const std::optional<Code> code = FindCode(*module, pc);
  if (!code) return false;
  if (code->kind != WasmLayout::kKindFunction) return true;  // a stub between functions
  const size_t before = out->size();
  AppendFunctions(*module, *code, pc, out);
  if (by_pc_.size() >= kMaxKnown) by_pc_.clear();
  by_pc_.insert_or_assign(
      pc, Known{*code, std::vector(out->begin() + static_cast<ptrdiff_t>(before), out->end())});
  return true;
}

machine::LeafFrame WasmLocator::LeafFrameAt(uint64_t pc) {
  Module* module = ModuleAt(pc, 0);
  const std::optional<Code> code = module != nullptr ? FindCode(*module, pc) : std::nullopt;
  if (!code) return machine::LeafFrame::kComplete;
  // Calls go by a table of jumps, which make no frame.
  if (code->kind == layout_.wasm.jump_table_kind) return machine::LeafFrame::kReturnAtSp;
  std::array<uint8_t, machine::kHeadBytes> head;
  const size_t size = std::min<size_t>(head.size(), code->size);
  uint8_t instruction = 0;
  if (!GuardedRead(code->start, head.data(), size) || !GuardedRead(pc, &instruction)) return machine::LeafFrame::kComplete;
  return machine::ClassifyLeaf(machine::FindWasmFrameSetup({head.data(), size}), pc - code->start, instruction);
}

// The module whose code spaces hold `pc`. V8 may have given a module's memory to another
// since: what is known is compared with what V8 has now.
WasmLocator::Module* WasmLocator::ModuleAt(uint64_t pc, uint64_t instance) {
  const auto holds = [&](const Module& module) {
    return std::any_of(module.spaces.begin(), module.spaces.end(),
                       [&](const AddressRange& space) { return space.Contains(pc); });
  };
  for (size_t i = modules_.size(); i-- > 0;) {
    if (!holds(modules_[i])) continue;
    if (IsLive(modules_[i])) return &modules_[i];
    Drop(i);
  }
  if (instance == 0) return nullptr;
  std::optional<Module> found = ReadModule(instance);
  if (!found || !holds(*found)) return nullptr;
  // Met before, and has more code since.
  const auto same = std::find_if(modules_.begin(), modules_.end(), [&](const Module& module) {
    return module.native_module == found->native_module && IsLive(module);
  });
  if (same != modules_.end()) {
    same->spaces = std::move(found->spaces);
    PublishRanges();
    return &*same;
  }
  found->names = WasmNames(found->size, ReaderOf(*found));
  if (modules_.size() >= kMaxModules) Drop(0);
  modules_.push_back(*std::move(found));
  PublishRanges();
  return &modules_.back();
}

bool WasmLocator::IsLive(const Module& module) const {
  std::array<uint64_t, 2> bytes{};
  uint64_t vector = 0;
  return GuardedRead(module.native_module + static_cast<uint64_t>(layout_.wasm.wire_bytes), &vector) &&
         GuardedRead(vector, &bytes) && bytes[0] == module.bytes && bytes[1] == module.size;
}

void WasmLocator::Drop(size_t index) {
  modules_.erase(modules_.begin() + static_cast<ptrdiff_t>(index));
  by_pc_.clear();
  PublishRanges();
}

void WasmLocator::PublishRanges() {
  std::vector<AddressRange> all;
  for (const Module& module : modules_) all.insert(all.end(), module.spaces.begin(), module.spaces.end());
  ranges_.Set(all);
}

uint64_t WasmLocator::Follow(uint64_t object, const std::array<int, 4>& fields) const {
  for (const int field : fields) {
    if (field == 0) break;
    if (!IsStrongPointer(object)) return 0;
    object = heap_.Word(object, field).value_or(0);
  }
  return object;
}

std::optional<WasmLocator::Module> WasmLocator::ReadModule(uint64_t instance) const {
  Module module;
  const uint64_t managed = Follow(instance, layout_.wasm.to_native_module);
  if (!IsStrongPointer(managed)) return std::nullopt;
  const uint64_t destructor = heap_.Word(managed, WasmLayout::kForeignAddress).value_or(0);
  uint64_t shared = 0, vector = 0;
  std::array<uint64_t, 2> bytes{};
  if (destructor == 0 || !GuardedRead(destructor + WasmLayout::kDestructorShared, &shared) ||
      !GuardedRead(shared, &module.native_module) ||
      !GuardedRead(module.native_module + static_cast<uint64_t>(layout_.wasm.wire_bytes), &vector) ||
      !GuardedRead(vector, &bytes)) {
    return std::nullopt;
  }
  module.bytes = bytes[0];
  module.size = bytes[1];
  module.spaces = ReadSpaces(module.native_module);
  const uint64_t script = Follow(instance, layout_.wasm.to_script);
  std::string file;
  if (IsStrongPointer(script) && heap_.Is(script, layout_.type_script)) {
    const auto name = heap_.Word(script, layout_.script_name);
    if (name) file = heap_.String(*name).value_or("");
  }
  module.file = code_table_.strings().Intern(file.empty() ? "wasm" : file);
  return module;
}

std::vector<AddressRange> WasmLocator::ReadSpaces(uint64_t native_module) const {
  struct VirtualMemory {
    uint64_t allocator, start, size;
  };
  constexpr size_t kMaxSpaces = 64;
  VectorWords words{};
  std::vector<AddressRange> spaces;
  if (!GuardedRead(native_module + WasmLayout::kCodeSpaces, &words)) return spaces;
  std::vector<VirtualMemory> memory(CountOf<VirtualMemory>(words, kMaxSpaces));
  if (memory.empty() || !GuardedRead(words.begin, memory.data(), memory.size() * sizeof(VirtualMemory))) return spaces;
  for (const VirtualMemory& part : memory) {
    if (part.size != 0 && part.start + part.size > part.start) spaces.push_back({part.start, part.start + part.size});
  }
  return spaces;
}

std::optional<WasmLocator::Code> WasmLocator::ReadCode(uint64_t address, uint64_t native_module) const {
  constexpr size_t kHead = 0x80;
  const WasmLayout& l = layout_.wasm;
  std::array<uint8_t, kHead> head;
  if (address % sizeof(uint64_t) != 0 || !GuardedRead(address, head.data(), head.size())) return std::nullopt;
  if (At<uint64_t>(head, 0) != native_module) return std::nullopt;
  Code code;
  code.address = address;
  code.start = At<uint64_t>(head, WasmLayout::kInstructions);
  code.metadata = At<uint64_t>(head, l.metadata);
  code.size = At<uint32_t>(head, l.size);
  code.relocation_size = At<uint32_t>(head, l.size + 4);
  code.positions_size = At<uint32_t>(head, l.size + 8);
  code.inlining_size = At<uint32_t>(head, l.size + 12);
  code.protected_size = At<uint32_t>(head, l.protected_size);
  code.index = At<int32_t>(head, l.protected_size + 4);
  code.kind = head[static_cast<size_t>(l.flags)] & l.kind_mask;
  return code;
}

std::optional<WasmLocator::Code> WasmLocator::FindCode(Module& module, uint64_t pc) const {
  std::optional<Code> code = FindInTree(module, pc);
  if (!code) code = FindUnsorted(module, pc);
  return code;
}

// std::map<Address, WasmCode*> of libstdc++: the last key not above `pc`. Other threads
// may change the tree meanwhile; a wrong turn then ends at code that does not hold pc.
std::optional<WasmLocator::Code> WasmLocator::FindInTree(const Module& module, uint64_t pc) const {
  struct Node {
    uint64_t color, parent, left, right, key, value;
  };
  constexpr uint64_t kRoot = 16;
  constexpr int kMaxDepth = 64;
  uint64_t at = 0, best = 0;
  if (!GuardedRead(module.native_module + static_cast<uint64_t>(layout_.wasm.code_tree) + kRoot, &at)) {
    return std::nullopt;
  }
  for (int depth = 0; at != 0 && depth < kMaxDepth; ++depth) {
    Node node;
    if (!GuardedRead(at, &node)) return std::nullopt;
    if (node.key <= pc) best = node.value;
    at = node.key <= pc ? node.right : node.left;
  }
  if (best == 0) return std::nullopt;
  const std::optional<Code> code = ReadCode(best, module.native_module);
  return code && code->Contains(pc) ? code : std::nullopt;
}

// New code stands in a vector until V8 itself looks for code.
std::optional<WasmLocator::Code> WasmLocator::FindUnsorted(Module& module, uint64_t pc) const {
  constexpr size_t kMaxCodes = 1 << 17;
  constexpr size_t kBatch = 512;
  constexpr size_t kHead = 2 * sizeof(uint64_t);
  VectorWords words{};
  if (!GuardedRead(module.native_module + static_cast<uint64_t>(layout_.wasm.new_code), &words)) return std::nullopt;
  const size_t count = CountOf<uint64_t>(words, kMaxCodes);
  uint64_t last = 0;
  const bool goes_on = words.begin == module.list && count >= module.listed &&
                       (module.listed == 0 ||
                        (GuardedRead(words.begin + (module.listed - 1) * sizeof(uint64_t), &last) && last == module.last_listed));
  if (!goes_on) {
    module.unsorted.clear();
    module.list = words.begin;
    module.listed = 0;
  }
  while (module.listed < count) {
    std::array<uint64_t, kBatch> codes;
    std::array<uint64_t, 2 * kBatch> heads;
    std::array<bool, kBatch> readable;
    const size_t batch = std::min(kBatch, count - module.listed);
    if (!GuardedRead(words.begin + module.listed * sizeof(uint64_t), codes.data(), batch * sizeof(uint64_t))) break;
    GuardedReadEach({codes.data(), batch}, kHead, heads.data(), readable.data());
    for (size_t i = 0; i < batch; ++i) {
      if (readable[i]) module.unsorted.insert_or_assign(heads[2 * i + 1], codes[i]);
    }
    module.listed += batch;
    module.last_listed = codes[batch - 1];
  }
  auto after = module.unsorted.upper_bound(pc);
  if (after == module.unsorted.begin()) return std::nullopt;
  const std::optional<Code> code = ReadCode(std::prev(after)->second, module.native_module);
  return code && code->Contains(pc) ? code : std::nullopt;
}

LocationId WasmLocator::Locate(Module& module, int32_t function) {
  auto [entry, added] = module.locations.try_emplace(function, kNoId);
  if (!added) return entry->second;
  std::string name = module.names.FunctionName(static_cast<uint32_t>(function), ReaderOf(module));
  if (name.empty()) name = NumberedName(function);
  Function described;
  described.name = code_table_.strings().Intern(name);
  described.file = module.file;
  described.literal_id = function;
  entry->second = code_table_.JsLocation(code_table_.AddFunction(described), 0, 0);
  return entry->second;
}

void WasmLocator::AppendFunctions(Module& module, const Code& code, uint64_t pc, std::vector<LocationId>* out) {
  constexpr size_t kMaxBytes = 4 << 20;
  constexpr int kMaxDepth = 64;
  const size_t entry_bytes = static_cast<size_t>(layout_.wasm.inlining_bytes);
  if (code.inlining_size > 0 && code.inlining_size <= kMaxBytes && code.positions_size <= kMaxBytes) {
    // The parts of the metadata, one after the other.
    std::vector<uint8_t> bytes(size_t{code.positions_size} + code.inlining_size);
    const uint64_t positions = code.metadata + code.protected_size + code.relocation_size;
    if (GuardedRead(positions, bytes.data(), bytes.size())) {
      const auto table = std::span<const uint8_t>(bytes).first(code.positions_size);
      const auto inlinings = std::span<const uint8_t>(bytes).subspan(code.positions_size);
      auto position = FindSourcePosition(table, static_cast<int32_t>(pc - code.start), layout_.position_encoding);
      for (int depth = 0; position && position->inlining_id >= 0 && depth < kMaxDepth; ++depth) {
        const size_t at = static_cast<size_t>(position->inlining_id) * entry_bytes;
        if (at + entry_bytes > inlinings.size()) break;
        const auto entry = inlinings.subspan(at, entry_bytes);
        out->push_back(Locate(module, At<int32_t>(entry, 0)));
        position = SourcePosition::Decode(At<uint64_t>(entry, static_cast<int>(entry_bytes - sizeof(uint64_t))));
      }
    }
  }
  out->push_back(Locate(module, code.index));
}

size_t WasmLocator::bytes_held() const {
  constexpr size_t kNode = 64;  // of a map, with what malloc adds
  size_t bytes = modules_.capacity() * sizeof(Module) + by_pc_.size() * (sizeof(Known) + kNode);
  for (const Module& module : modules_) {
    bytes += module.names.bytes_held() + module.locations.size() * kNode + module.unsorted.size() * kNode;
  }
  return bytes;
}

}  // namespace hotspan
